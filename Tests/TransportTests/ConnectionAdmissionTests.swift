import FederationAPI
import TestSupport
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct ConnectionAdmissionTests {
  private let one = PeerNetwork(peer: "192.0.2.1:1")
  private let other = PeerNetwork(peer: "192.0.2.2:1")

  @Test("an address has so many connections at once, and one that goes makes room for another")
  func perAddress() {
    var limits = ListenerLimits()
    limits.openConnectionsPerAddress = 2
    let admission = ConnectionAdmission(limits)
    #expect([one, one, one, other].map { admission.enter($0) } == [1, 2, nil, 3])
    admission.leave(one)
    #expect([one, one].map { admission.enter($0) } == [3, nil])
    for network in [one, one, other] { admission.leave(network) }
    #expect(admission.current == 0 && admission.addressCount == 0)
  }

  @Test("without a limit addresses are not counted")
  func unlimited() {
    var limits = ListenerLimits()
    limits.openConnectionsPerAddress = nil
    let admission = ConnectionAdmission(limits)
    for _ in 0..<10_000 { _ = admission.enter(one) }
    #expect(admission.current == 10_000 && admission.addressCount == 0)
  }

  @Test("one address cannot take the places of the others")
  func served() async throws {
    let server = try StrangerConnections {
      $0.maximumConnections = 3
      $0.openConnectionsPerAddress = 2
      $0.strangerSilenceSeconds = .infinity
    }
    var events = server.events.makeAsyncIterator()
    let first = try server.client("s1")
    #expect(await events.next() == .heard("s1", 2))
    let second = try server.client("s2")
    #expect(await events.next() == .heard("s2", 2))
    let third = try server.client("s3")
    #expect(await third.everything() == "")
    let neighbour = try server.client("s4", from: 2)
    #expect(await events.next() == .heard("s4", 2))
    first.endSending()
    #expect(await events.next() == .closed("s1", .peerClosed))
    let fourth = try server.client("s5")
    #expect(await events.next() == .heard("s5", 2))
    #expect(!second.hasEnded && !neighbour.hasEnded && !fourth.hasEnded)
    #expect(await server.counts.refusedByOpenOfAddress == 1)
    await server.group.shutDown(graceSeconds: 0)
  }
}
