import FederationAPI
import Logging
import TestSupport
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct LoopCountsTests {
  private let group: EventLoopGroup
  private let authority: TestCertificateAuthority
  private let tls: ServerTLS

  init() throws {
    group = try EventLoopGroup(loops: 1, log: Log(level: .error) { _ in })
    authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    tls = try ServerTLS(
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, minimumVersion: .v13, alpn: ["ttrpc"])
  }

  private func counts() async -> LoopCounts {
    guard case .given(let counts)? = await group.ask(within: 60, { $0.counts }).first else { return LoopCounts() }
    return counts
  }

  /// The counts once `isSettled` holds of them: no word tells that the server has seen a peer's end.
  private func counts(_ isSettled: (LoopCounts) -> Bool) async -> LoopCounts {
    var found = await counts()
    while !isSettled(found) { found = await counts() }
    return found
  }

  @Test("handshakes count by how they end, and connections as long as they last")
  func handshakes() async throws {
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: tls) { _ in EchoHandler() }
    let clients = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let client = try ClientTLS(caCertificates: authority.certificatePEM, alpn: ["ttrpc"])
    let target = DialTarget(host: "127.0.0.1", port: address.port, tls: client, timeoutSeconds: 60)
    let open = try await clients.connect(target) { _ in EchoHandler() }
    var seen = await counts { $0.handshakesCompleted == 1 }
    #expect(seen.open == 1)
    let stranger = try RawClient(port: address.port)
    stranger.send("GET / HTTP/1.1\r\n\r\n")
    _ = await counts { $0.handshakesFailed == 1 }
    do { _ = try RawClient(port: address.port) }
    _ = await counts { $0.handshakesAbandoned == 1 }
    open.run { $0.close(.finished) }
    seen = await counts { $0.open == 0 }
    #expect(seen.handshakesCompleted == 1 && seen.handshakesFailed == 1 && seen.handshakesAbandoned == 1)
    #expect(seen.refusedByMaximum == 0 && seen.refusedByAddress == 0)
    await clients.shutDown(graceSeconds: 0)
    await group.shutDown(graceSeconds: 0)
  }

  @Test("connections past a limit count by the limit, and those without TLS have no handshake")
  func refusals() async throws {
    var limits = ListenerLimits()
    limits.maximumConnections = 1
    limits.strangerSilenceSeconds = .infinity
    limits.refusalReserve = 0
    limits.connectionsPerAddress = .init(burst: 3, perSecond: 0)
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: limits) { _ in EchoHandler() }
    let held = try RawClient(port: address.port)
    _ = await counts { $0.open == 1 }
    for _ in 0..<4 { _ = try RawClient(port: address.port) }
    let seen = await counts { $0.refusedByMaximum + $0.refusedByAddress == 4 }
    #expect(seen.refusedByMaximum == 2 && seen.refusedByAddress == 2 && seen.open == 1)
    #expect(seen.handshakesCompleted == 0 && seen.handshakesAbandoned == 0)
    held.send("x")
    await group.shutDown(graceSeconds: 0)
  }
}
