import FederationAPI
import HTTPClient
import Identity
import JSON
import Logging
import Resources
import Synchronization
import TestSupport
import Testing

/// Whether an identity is still there, asked of management APIs over HTTPS on loopback.
@Suite(.timeLimit(.minutes(1))) struct ManagementClientTests {
  private static let environment = "11111111-2222-4333-8444-555555555555"
  private static let here = SourceLocation(file: "t.yaml", line: 1)
  private static let reference = FederationReference(kind: "x", name: "it")

  private static func secret(_ values: [String: String]) -> SecretResource {
    SecretResource(
      namespace: "external-secrets", name: "s", values: values.mapValues { SecretBytes($0) }, location: here)
  }

  private static func selector(_ key: String) -> SecretKeySelector {
    SecretKeySelector(namespace: "external-secrets", name: "s", key: key)
  }

  private static func okta(_ server: AuthorizationServer, token: String = "management-token") -> Manifests {
    Manifests(
      oktaFederations: [
        OktaFederation(
          name: "it", domain: server.url, caBundle: server.caCertificates, apiToken: selector("token"), location: here)
      ], secrets: [secret(["token": token])])
  }

  private static func ping(_ server: AuthorizationServer, secret text: String = "worker-secret") -> Manifests {
    Manifests(
      pingIdentityFederations: [
        PingIdentityFederation(
          name: "it", region: .eu, environmentID: environment, issuer: server.endpoints.issuer,
          caBundle: server.caCertificates,
          managementAPI: .init(
            clientID: selector("id"), clientSecret: selector("secret"), url: "\(server.url)/v1"),
          location: here)
      ], secrets: [secret(["id": "worker", "secret": text])])
  }

  private func presence(_ manifests: Manifests, _ subject: String = "app") async throws -> ProviderAnswer {
    let access = try #require(ManagementAccess.all(manifests).values.first)
    let client = ManagementClient(client: try HTTPClient(log: Log(level: .error)), log: Log(level: .error) { _ in })
    return await client.presence(of: subject, Self.reference, access)
  }

  @Test("an Okta application is there while it is active")
  func okta() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    #expect(try await presence(Self.okta(server)) == .gone)
    #expect(server.requests.map(\.path) == ["/api/v1/apps/app", "/api/v1/users/app"])
    for (status, answer) in [("ACTIVE", ProviderAnswer.present), ("INACTIVE", .gone)] {
      server.setApplication("app", ["status": .string(status)])
      #expect(try await presence(Self.okta(server)) == answer)
    }
    server.setApplication("app", ["id": "app"])
    #expect(try await presence(Self.okta(server)) == .unknown)
  }

  @Test("a PingOne application is there while it is enabled, or where the worker may not see it")
  func pingOne() async throws {
    let server = try AuthorizationServer(.pingIdentity(environmentID: Self.environment))
    #expect(try await presence(Self.ping(server)) == .gone)
    for (document, answer) in [
      (["enabled": true] as JSONValue, ProviderAnswer.present), (["enabled": false], .gone), ([:], .gone),
    ] {
      server.setApplication("app", document)
      #expect(try await presence(Self.ping(server)) == answer)
    }
    server.failManagement(403)
    #expect(try await presence(Self.ping(server)) == .present)
  }

  @Test("what fails is unknown, and never gone", arguments: [400, 401, 429, 500, 503, 302])
  func errors(status: Int) async throws {
    for manifests in [
      Self.okta(try failing(.okta(serverID: "default"), status)),
      Self.ping(try failing(.pingIdentity(environmentID: Self.environment), status)),
    ] { #expect(try await presence(manifests) == .unknown) }
  }

  private func failing(_ provider: AuthorizationServer.Provider, _ status: Int) throws -> AuthorizationServer {
    let server = try AuthorizationServer(provider)
    server.failManagement(status)
    return server
  }

  @Test("a wrong token, a wrong worker and a server that is down are unknown")
  func credentials() async throws {
    let okta = try AuthorizationServer(.okta(serverID: "default"))
    #expect(try await presence(Self.okta(okta, token: "wrong")) == .unknown)
    let ping = try AuthorizationServer(.pingIdentity(environmentID: Self.environment))
    #expect(try await presence(Self.ping(ping, secret: "wrong")) == .unknown)
    await ping.server.stop()
    #expect(try await presence(Self.ping(ping)) == .unknown)
  }

  @Test(
    "the log says which federation's identity could not be looked up, why, and what to do; at most twenty times a second"
  )
  func log() async throws {
    let lines = Mutex<[String]>([])
    func asked(_ error: HTTPClientError?, status: Int = 200, times: Int = 1) async throws -> [String] {
      let client = ManagementClient(
        client: Failing(error: error, status: status),
        log: Log(level: .info) { line in lines.withLock { $0.append(line) } })
      let access = try #require(
        ManagementAccess.all(
          Manifests(
            oktaFederations: [
              OktaFederation(
                name: "it", domain: "https://okta.test", apiToken: Self.selector("token"), location: Self.here)
            ], secrets: [Self.secret(["token": "management-token"])])
        ).values.first)
      for _ in 0..<times { #expect(await client.presence(of: "who", Self.reference, access) == .unknown) }
      return lines.withLock { lines in
        defer { lines = [] }
        return lines
      }
    }
    for (error, status, parts) in [
      (
        HTTPClientError(.unreachable, "10.0.0.7"), 0,
        ["https://okta.test failed: unreachable", "check the federation's address"]
      ),
      (HTTPClientError(.timeout, "10.0.0.7"), 0, ["failed: timeout", "the network"]),
      (HTTPClientError(.tls, "https://okta.test: self-signed"), 0, ["self-signed", "the federation's caBundle"]),
      (nil, 401, ["answered 401", "check that the Secret of the federation"]), (nil, 500, ["answered 500"]),
    ] {
      let line = try #require(try await asked(error, status: status).first)
      for part in parts + [#""federation":"x/it""#] { #expect(line.contains(part), "\(line)") }
      #expect(!line.contains("10.0.0.7") && !line.contains("management-token") && !line.contains("who"))
    }
    #expect(try await asked(HTTPClientError(.unreachable, ""), times: 50).count == 20)
  }

  /// A provider that does not answer, or answers one status.
  private struct Failing: HTTPSending {
    let error: HTTPClientError?
    let status: Int
    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
      if let error { throw error }
      return HTTPResponse(status: status, body: [])
    }
  }

  @Test("D21: a subject is one segment of the path, whatever it holds")
  func escaping() async throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    _ = try await presence(Self.okta(server), "a/../b?c#ä")
    #expect(server.requests.first?.path == "/api/v1/apps/a%2F..%2Fb%3Fc%23%C3%A4")
    #expect(try await presence(Self.okta(server), "..") == .unknown)
  }

  @Test("a federation whose Secret is missing is not asked")
  func missingSecret() throws {
    let server = try AuthorizationServer(.okta(serverID: "default"))
    var manifests = Self.okta(server)
    manifests.secrets = []
    #expect(ManagementAccess.all(manifests).isEmpty)
  }
}
