import FederationAPI
import TestSupport
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct IdleStrangersTests {
  @Test("where there is no room the stranger that was silent for longest goes, and nobody who is known or being served")
  func longestIdle() async throws {
    let server = try StrangerConnections {
      $0.maximumConnections = 4
      $0.refusalReserve = 0
      $0.strangerSilenceSeconds = 0
    }
    var events = server.events.makeAsyncIterator()
    var clients: [RawClient] = []
    for name in ["p1", "b1", "s1", "s2"] {
      clients.append(try server.client(name))
      #expect(await events.next() == .heard(name, 2))
    }
    clients[2].send("x")
    #expect(await events.next() == .heard("s1", 3))
    let full = CloseReason.limit("connections")
    for (name, gone) in [("s3", "s2"), ("s4", "s1"), ("p2", "s3"), ("p3", "s4")] {
      clients.append(try server.client(name))
      #expect(await events.next() == .closed(gone, full))
      #expect(await events.next() == .heard(name, 2))
    }
    // All who are left are known or being served.
    let refused = try server.client("s5")
    #expect(await refused.everything() == "")
    let counts = await server.counts
    #expect(counts.closedForRoom == 4 && counts.refusedByMaximum == 1 && counts.open == 4)
    #expect(clients.count == 8)
    await server.group.shutDown(graceSeconds: 0)
  }

  @Test("a stranger of whom something was heard just now keeps its place")
  func silence() async throws {
    let server = try StrangerConnections {
      $0.maximumConnections = 1
      $0.refusalReserve = 0
      $0.strangerSilenceSeconds = 3_600
    }
    var events = server.events.makeAsyncIterator()
    let held = try server.client("s1")
    #expect(await events.next() == .heard("s1", 2))
    let refused = try server.client("s2")
    #expect(await refused.everything() == "")
    #expect(!held.hasEnded)
    await server.group.shutDown(graceSeconds: 0)
  }

  @Test("connections that come and go do not pile up in the line")
  func bounded() async throws {
    let loop = try EventLoop(mailbox: Mailbox(), log: .init(level: .error) { _ in })
    var strangers = IdleStrangers()
    let admission = ConnectionAdmission(ListenerLimits())
    let place = ConnectionPlace(admission: admission, network: PeerNetwork(peer: "192.0.2.1:1"))
    for _ in 0..<2_000 {
      let connection = Connection(
        loop: loop, slot: loop.nextSlot(), socket: try Socket(family: 2), tls: nil, peer: "test",
        limits: ListenerLimits(), state: .open, role: .server(place) { _, _ in fatalError("nobody opened it") })
      try loop.insert(connection)
      _ = admission.enter(place.network)
      strangers.insert(connection, on: loop)
      connection.abort(.finished)
    }
    #expect(strangers.count <= 300)
    #expect(admission.current == 0 && admission.addressCount == 0)
  }
}
