import FederationAPI
import TestSupport
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct StrangerRoomTests {
  private let one = PeerNetwork(peer: "192.0.2.1:1")
  private let other = PeerNetwork(peer: "192.0.2.2:1")

  @Test("addresses have their bounds, and all together theirs")
  func bounds() {
    let room = StrangerRoom(bytes: 15, bytesPerAddress: 10)
    #expect(room.take(10, of: one) == .taken)
    #expect(room.take(1, of: one) == .addressIsFull)
    #expect(room.take(6, of: other) == .isFull)
    #expect(room.take(5, of: other) == .taken)
    room.giveBack(10, of: one)
    #expect(room.take(5, of: other) == .taken)
    room.giveBack(10, of: other)
    #expect(room.used == 0)
  }

  @Test("unfinished requests of unknown callers: who holds most goes, of the address that is full or of all")
  func strangers() async throws {
    let server = try StrangerConnections {
      $0.strangerBytes = 250_000
      $0.strangerBytesPerAddress = 100_000
    }
    var events = server.events.makeAsyncIterator()
    var clients: [RawClient] = []
    var closed: [StrangerConnections.Event] = []
    func send(_ name: String, _ count: Int, from host: UInt8) throws {
      let client = try server.client(name, from: host)
      clients.append(client)
      client.sendInBackground([UInt8](repeating: 1, count: count - name.utf8.count))
    }
    /// Waits for `last`, and notes who was closed on the way.
    func wait(for last: StrangerConnections.Event) async {
      while let event = await events.next() {
        if case .closed = event { closed.append(event) }
        if event == last { return }
      }
    }
    func hold(_ name: String, _ count: Int, from host: UInt8) async throws {
      try send(name, count, from: host)
      await wait(for: .heard(name, count))
    }
    try await hold("a1", 80_000, from: 1)
    try await hold("a2", 30_000, from: 1)
    try await hold("b1", 95_000, from: 2)
    try await hold("c1", 90_000, from: 3)
    try await hold("d1", 50_000, from: 4)
    // More than one may hold at all.
    try send("e1", 110_000, from: 5)
    await wait(for: .closed("e1", .strangersHoldTooMuch))
    let expected = ["a1", "b1", "e1"].map { StrangerConnections.Event.closed($0, .strangersHoldTooMuch) }
    #expect(closed.filter { $0 != .closed("c1", .strangersHoldTooMuch) } == expected)
    await server.group.shutDown(graceSeconds: 0)
  }

  @Test("whoever has proved who it is counts no more")
  func known() async throws {
    let server = try StrangerConnections {
      $0.strangerBytes = 100_000
      $0.strangerBytesPerAddress = 100_000
    }
    var events = server.events.makeAsyncIterator()
    let known = try server.client("p1")
    known.sendInBackground([UInt8](repeating: 1, count: 500_000 - 2))
    while let event = await events.next(), event != .heard("p1", 500_000) {}
    let stranger = try server.client("s1")
    stranger.sendInBackground([UInt8](repeating: 1, count: 99_000 - 2))
    while let event = await events.next(), event != .heard("s1", 99_000) {}
    #expect(!known.hasEnded && !stranger.hasEnded)
    await server.group.shutDown(graceSeconds: 0)
  }
}
