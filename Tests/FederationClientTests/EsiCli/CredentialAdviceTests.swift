import Crypto
import FederationAPI
import HTTP1
import Synchronization
import TestSupport
import Testing

/// Where esi-cli sends its user when what it proves itself with is at fault: to the flag that is wrong, and to no other.
@Suite(.timeLimit(.minutes(3))) struct CredentialAdviceTests {
  /// An authorization server that answers everything alike.
  private final class Answering: Sendable {
    let server: HTTPSServer
    private let answers = Answers()

    init() throws { server = try HTTPSServer { [answers] _ in answers.answer } }

    func set(_ status: Int, _ body: String) {
      answers.state.withLock { $0 = HTTPServerResponse(status: status, body: .plain(Array(body.utf8))) }
    }
  }

  private final class Answers: Sendable {
    let state = Mutex(HTTPServerResponse(status: 500))
    var answer: HTTPServerResponse { state.withLock { $0 } }
  }

  private let directory: TemporaryDirectory
  private let authority: TestCertificateAuthority
  private let keyFile: String

  init() throws {
    directory = try TemporaryDirectory()
    authority = try TestCertificateAuthority()
    keyFile = try directory.write(try #require(try PrivateKey.generate(for: .es256).pem.text), to: "key.pem")
  }

  private func federation(token: String = "good-token") throws -> FakeFederationServer {
    let service = FakeFederationService(secrets: ["vault": ["pin": SecretBytes("1")]], token: token)
    return try FakeFederationServer.start(certificate: try authority.issue(), service: service)
  }

  private func stderr(
    _ federation: FakeFederationServer, _ flags: [String], secret: String = "vault.pin"
  ) async throws -> String {
    let outcome = try await EsiCli.run(
      [
        "--mode=init", "--federated-server-url=\(federation.url)", "--federated-ca-crt=\(authority.certificateFile)",
        "--inject-on-env=A=\(secret)", "--binary-path=/bin/true", "--federated-timeout=3s",
      ] + flags)
    #expect(outcome.exit == .status(1))
    return outcome.stderr
  }

  private func okta(_ server: HTTPSServer, authority: TestCertificateAuthority? = nil) throws -> [String] {
    let trusted = try #require(authority ?? server.authority)
    return [
      "--federated-auth=okta", "--okta-client-id=client", "--okta-private-key=\(keyFile)",
      "--okta-domain=\(server.url)", "--okta-auth-server=default", "--okta-scopes=read",
      "--federated-auth-ca-crt=\(trusted.certificateFile)",
    ]
  }

  private func ping(_ server: HTTPSServer) throws -> [String] {
    [
      "--federated-auth=pingidentity", "--pingidentity-client-id=client", "--pingidentity-private-key=\(keyFile)",
      "--pingidentity-region=eu", "--pingidentity-environment-id=e", "--pingidentity-issuer=\(server.url)/env/as",
      "--federated-auth-ca-crt=\(try #require(server.authority).certificateFile)",
    ]
  }

  @Test("what a token endpoint answers names the flags of the client, not those of the federation server")
  func tokenEndpoint() async throws {
    let federation = try federation()
    let answering = try Answering()
    let cases: [(Int, String, [String])] = [
      (401, #"{"error":"invalid_client"}"#, ["401: invalid_client", "--okta-client-id", "--okta-private-key"]),
      (400, #"{"error":"invalid_scope"}"#, ["400: invalid_scope", "--okta-scopes"]),
      (400, #"{"error":"invalid_request"}"#, ["400: invalid_request", "look at its log for --okta-client-id"]),
      (200, "<html>", ["returned no JSON", "--okta-domain and --okta-auth-server"]),
      (200, "{}", ["returned no access_token", "--okta-domain and --okta-auth-server"]),
      (200, #"{"access_token":"a b"}"#, ["an access_token that is no word", "--okta-domain and --okta-auth-server"]),
      (404, "<html>", ["status 404", "--okta-domain and --okta-auth-server"]),
      (429, "{}", ["status 429", "it is the authorization server that cannot answer now"]),
      (503, "{}", ["status 503", "it is the authorization server that cannot answer now"]),
    ]
    for (status, body, expected) in cases {
      answering.set(status, body)
      let told = try await stderr(federation, okta(answering.server))
      for text in expected { #expect(told.contains(text), "\(told)") }
      #expect(!told.contains("--federated-server-url") && !told.contains("the store on the server"), "\(told)")
    }
    await federation.stop()
  }

  @Test("an authorization server that is not there, or not trusted, is told with its flags")
  func unreachable() async throws {
    let federation = try federation()
    let answering = try Answering()
    let other = try TestCertificateAuthority(name: "Other")
    var told = [try await stderr(federation, okta(answering.server, authority: other))]
    #expect(told[0].contains("--okta-domain"), "\(told)")
    await answering.server.stop()
    told.append(try await stderr(federation, okta(answering.server)))
    told.append(try await stderr(federation, ping(answering.server)))
    #expect(told[2].contains("--pingidentity-issuer"), "\(told)")
    for text in told {
      #expect(text.contains("--federated-auth-ca-crt") && !text.contains("--federated-server-url"), "\(text)")
    }
    await federation.stop()
  }

  @Test("a discovery document that will not do is told by what is wrong with it")
  func discovery() async throws {
    let federation = try federation()
    let answering = try Answering()
    let issuer = answering.server.url + "/env/as"
    let cases: [(Int, String, String)] = [
      (404, "", "\(issuer) answered 404"), (200, "<html>", "is no JSON object"),
      (200, "{}", "names no issuer"),
      (200, #"{"issuer":"https://other.example"}"#, "names another issuer, https://other.example"),
      (200, "{\"issuer\":\"\(issuer)\"}", "has no token_endpoint"),
      (
        200, "{\"issuer\":\"\(issuer)\",\"token_endpoint\":\"http://x.example/t\"}",
        "is no https URL: http://x.example/t"
      ),
    ]
    for (status, body, expected) in cases {
      answering.set(status, body)
      let told = try await stderr(federation, ping(answering.server))
      #expect(told.contains("failed to fetch discovery document: ") && told.contains(expected), "\(told)")
      #expect(told.contains("check --pingidentity-issuer"), "\(told)")
    }
    await federation.stop()
  }

  @Test("who is not known is sent to the audiences and the right kinds, who is not granted to his own name")
  func answers() async throws {
    let federation = try federation()
    let answering = try Answering()
    let token = try directory.write("another", to: "token")
    var told = try await stderr(federation, ["--federated-token=\(token)"])
    #expect(told.contains("the audiences of the KubernetesFederation or OIDCFederation"), "\(told)")
    answering.set(200, #"{"access_token":"another"}"#)
    told = try await stderr(federation, okta(answering.server))
    #expect(told.contains("the audiences of the OktaFederation"), "\(told)")
    answering.set(200, #"{"access_token":"good-token"}"#)
    told = try await stderr(federation, okta(answering.server), secret: "other.pin")
    #expect(told.contains("an Authorization that names the client of --okta-client-id"), "\(told)")
    #expect(!told.contains("service account"), "\(told)")
    await federation.stop()
  }

  @Test("a file that cannot be used, and an SVID that has ended, are told with their flags")
  func files() async throws {
    let federation = try federation()
    var told = try await stderr(federation, ["--federated-token=/none"])
    #expect(told.contains("there is no token file /none; check the file, and the flag that names it"), "\(told)")
    #expect(told.contains("--federated-token"), "\(told)")
    var fields = TestCertificateAuthority.SVIDFields("spiffe://example.org/web")
    fields.validSeconds = 0
    let paths = try authority.issueSVID(fields).write(to: directory)
    told = try await stderr(
      federation,
      ["--federated-auth=spiffe", "--spiffe-svid=\(paths.certificate)", "--spiffe-key=\(paths.key)"])
    #expect(told.contains("-enddate -in \(paths.certificate)"), "\(told)")
    await federation.stop()
  }
}
