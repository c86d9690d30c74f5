import FederationAPI
import Logging
import TTRPC
import TestSupport
import Testing
import Transport

/// The flags of `federation-server serve` for watches.
@Suite(.timeLimit(.minutes(1))) struct WatchFlagsTests {
  @Test("--max-watches bounds watches, and --watch-heartbeat says how long one is silent")
  func flags() async throws {
    let server = try await ServedFederation.start(arguments: ["--max-watches", "1", "--watch-heartbeat", "1"])
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let client = try await server.connect(in: group)
    let request = WatchSecretsRequest(
      secrets: [SecretReference(store: "fake", key: "key-1")], caCertificates: server.authority.certificatePEM)
    let first = try client.watchSecrets(request, credentials: server.credentials)
    #expect(try await first.next().kind == .value(SecretBytes(ServedFederation.value(of: "key-1"))))
    let second = try client.watchSecrets(request, credentials: server.credentials)
    #expect(await second.failure()?.code == .resourceExhausted)
    #expect(try await first.next().kind == .heartbeat)
    client.close()
    await group.shutDown(graceSeconds: 0)
    #expect(await server.stop() == .status(0))
  }
}
