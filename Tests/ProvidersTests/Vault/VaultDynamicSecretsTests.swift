import FederationAPI
import HTTPClient
import Logging
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Providers

@Suite struct VaultDynamicSecretsTests {
  /// Remembers what it is asked.
  private final class Recorder: HTTPSending {
    private let requests = Mutex<[HTTPRequest]>([])

    func request(_ part: String) -> HTTPRequest? { requests.withLock { $0.first { $0.url.contains(part) } } }

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
      requests.withLock { $0.append(request) }
      return HTTPResponse(status: 204)
    }
  }

  @Test("Vault has as long for what it makes and revokes as whoever asks gives it")
  func time() async throws {
    let recorder = Recorder()
    let vault = VaultSpec(
      server: try #require(BackendURL("https://vault.example")), authentication: .token(.environment("PATH")))
    let secrets = VaultSessions(client: recorder, log: Log(level: .error) { _ in }).secrets(of: vault, for: "test")
    try await secrets.revoke(lease: "l", deadline: .in(300))
    _ = try await secrets.ask("GET", "database/creds/a", parameters: nil, deadline: .in(300))
    for part in ["sys/leases/revoke", "database/creds/a"] {
      let seconds = try #require(recorder.request(part)).timeoutSeconds
      #expect((200...300).contains(seconds))
    }
  }
}
