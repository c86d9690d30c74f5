import FederationAPI
import Foundation
import HTTPClient
import Synchronization
import TestSupport
import Testing

/// What callers can make generators log: as often as they ask.
@Suite(.timeLimit(.minutes(1))) struct GeneratorLinesTests {
  /// A server that answers `status`, nil for one that cannot be reached.
  private struct Answering: HTTPSending {
    let status: Int?
    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
      guard let status else { throw HTTPClientError(.unreachable, "it is away") }
      return HTTPResponse(status: status, body: Array("{}".utf8))
    }
  }

  @Test("a flood of asked webhooks is twenty lines a second, of each kind")
  func webhook() async throws {
    let bench = try GeneratorBench("Webhook", "url: https://hook.test")
    let away = try await bench.flood("webhook_failed", client: Answering(status: nil))
    #expect(away == (20, 21))
    let refused = try await bench.flood("webhook_refused", client: Answering(status: 500))
    #expect(refused == (20, 21))
    #expect(bench.log.contains(#""suppressed_before":"80""#))
    let untrusted = try GeneratorBench(
      "Webhook", "url: https://hook.test\ncaProvider: {type: Secret, name: keys, key: ca}", secret: "{ca: none}")
    let lines = try await untrusted.flood("webhook_untrusted", client: Answering(status: 200))
    #expect(lines == (20, 21))
  }

  @Test("a flood of questions to a Vault that refuses them is twenty lines a second")
  func vault() async throws {
    let bench = try GeneratorBench(
      "VaultDynamicSecret",
      "path: database/creds/app\nprovider: {server: https://vault.test, auth: {tokenSecretRef: {name: keys}}}",
      secret: "{token: t}")
    let lines = try await bench.flood("vault_secret_failed", client: Answering(status: 404))
    #expect(lines == (20, 21))
  }

  @Test("a flood of roles that a PostgreSQL refuses is twenty lines a second")
  func postgreSQL() async throws {
    let bench = try GeneratorBench(
      "PostgreSql",
      "host: 127.0.0.1\nport: \"\(try FreePort.any())\"\nauth: {username: u, password: {name: keys, key: p}}\nuser: {username: app}",
      secret: "{p: p}")
    let lines = try await bench.flood("postgresql_failed", client: Answering(status: nil))
    #expect(lines == (20, 21))
  }
}
