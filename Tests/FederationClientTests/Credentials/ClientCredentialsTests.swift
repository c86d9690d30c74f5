import Crypto
import FederationAPI
import JSON
import TestSupport
import Testing

@testable import FederationClient

/// Tokens by client credentials, from an authorization server over HTTPS that really verifies the assertions.
@Suite(.timeLimit(.minutes(1))) struct ClientCredentialsTests {
  private static let environment = "11111111-2222-4333-8444-555555555555"
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func source(
    _ server: AuthorizationServer, algorithm: SignatureAlgorithm = .es256, registers: Bool = true, scopes: String = ""
  ) throws -> TokenSource {
    let key = try PrivateKey.generate(for: algorithm)
    if registers { server.register("client", key: key.publicKey) }
    let provider: ClientCredentials.Provider =
      switch server.endpoints.provider {
      case .okta(let id): .okta(domain: server.url, authorizationServer: id)
      case .pingIdentity: .pingIdentity(issuer: server.endpoints.issuer)
      }
    return .clientCredentials(
      ClientCredentials(
        provider: provider, clientID: "client",
        privateKeyFile: try directory.write(try #require(try key.pem.text), to: "key.pem"), scopes: scopes,
        caFile: try #require(server.server.authority).certificateFile))
  }

  @Test(
    "a key of each kind signs an assertion that the server verifies",
    arguments: SignatureAlgorithm.allCases.filter { [.rs256, .es256, .es384, .es512, .edDSA].contains($0) })
  func keys(algorithm: SignatureAlgorithm) async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    let token = try await source(server, algorithm: algorithm, scopes: "secrets read").token()
    #expect(token.split(separator: ".").count == 3)
    #expect(server.scopes == ["secrets read"])
    #expect(server.requests.map(\.path) == ["/oauth2/default/v1/token"])
  }

  @Test("Okta's own server is asked below /oauth2, PingOne's where discovery says")
  func endpoints() async throws {
    let org = try AuthorizationServer(.okta(serverID: ""))
    _ = try await source(org).token()
    #expect(org.requests.map(\.path) == ["/oauth2/v1/token"])
    #expect(org.scopes == [nil])
    let ping = try AuthorizationServer(.pingIdentity(environmentID: Self.environment))
    _ = try await source(ping).token()
    #expect(
      ping.requests.map(\.path) == [
        "/\(Self.environment)/as/.well-known/openid-configuration", "/\(Self.environment)/as/token",
      ])
  }

  @Test("a token is asked for once by all, kept while it is good, and dropped when a server refuses it")
  func cached() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    let source = try source(server)
    let tokens = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<20 { group.addTask { try await source.token() } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(tokens.count == 1)
    #expect(server.issuedTokens == 1)
    #expect(await source.forget("another"))
    _ = try await source.token()
    #expect(server.issuedTokens == 1)
    #expect(await source.forget(try #require(tokens.first)))
    _ = try await source.token()
    #expect(server.issuedTokens == 2)
  }

  @Test("a token is not used to its very end")
  func expiry() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    server.setLifetime(0)
    let source = try source(server)
    _ = try await source.token()
    _ = try await source.token()
    #expect(server.issuedTokens == 2)
    #expect(AccessToken(text: "", lifetimeSeconds: 3_600).usableSeconds == 3_540)
    #expect(AccessToken(text: "", lifetimeSeconds: 100).usableSeconds == 80)
  }

  @Test("a client that the server does not know is told so, in the documented words")
  func refused() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    let source = try source(server, registers: false)
    let refusal = RPCError(
      .failedPrecondition, "token endpoint returned status 401: invalid_client", credentialProblem: .clientUnknown)
    await #expect(throws: refusal) { try await source.token() }
    server.register("client", key: try PrivateKey.generate(for: .es256).publicKey)
    await #expect(throws: refusal) { try await source.token() }
  }

  @Test("a discovery document that cannot be had, or names another issuer, is told in the documented words")
  func discovery() async throws {
    let server = try AuthorizationServer(.pingIdentity(environmentID: Self.environment))
    let source = try source(server)
    server.claimIssuer("https://other.example")
    var error = await #expect(throws: RPCError.self) { try await source.token() }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.hasPrefix("failed to fetch discovery document") == true)
    await server.server.stop()
    error = await #expect(throws: RPCError.self) { try await source.token() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.hasPrefix("failed to fetch discovery document") == true)
  }

  @Test(
    "what the server does not accept is fetched anew once, over each wire", arguments: [FederationTransport.rpc, .http])
  func renewal(transport: FederationTransport) async throws {
    let authority = try TestCertificateAuthority()
    let service = FakeFederationService(secrets: ["vault": ["key": SecretBytes("value")]], token: "new")
    let server = try FakeFederationServer.start(certificate: authority.issue(), service: service)
    let asked = Recorder()
    let source = TokenSource(
      read: { .success(await asked.next()) }, forget: { await asked.forget($0) })
    let client = try FederationClient(
      configuration: FederationClientConfiguration(
        server: ServerAddress(parsing: server.url), transport: transport, token: source,
        caFile: authority.certificateFile))
    #expect(try await client.secret(store: "vault", name: "key") == SecretBytes("value"))
    #expect(await asked.forgotten == ["old"])
    service.accept(token: "another")
    await #expect(throws: RPCError.unauthenticated) { try await client.secret(store: "vault", name: "key") }
    #expect(await asked.forgotten == ["old", "new"])
    await client.close()
    await server.stop()
  }

  /// Gives `old`, and `new` once that was refused.
  private actor Recorder {
    private(set) var forgotten: [String] = []
    func next() -> String { forgotten.isEmpty ? "old" : "new" }
    func forget(_ token: String) { forgotten.append(token) }
  }
}
