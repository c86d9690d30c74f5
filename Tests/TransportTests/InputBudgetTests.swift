import FederationAPI
import Logging
import TestSupport
import Testing

@testable import Transport

/// Consumes nothing, as a handler does whose request is not complete, and tells how much it is shown.
private final class UnfinishedHandler: ConnectionHandler {
  enum Event: Equatable {
    case holds(Int)
    case ended(holding: Int, String)
  }

  private let events: AsyncStream<Event>.Continuation
  private var held = 0
  init(_ events: AsyncStream<Event>.Continuation) { self.events = events }
  func opened(_ connection: Connection) {}
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    held = bytes.byteCount
    events.yield(.holds(held))
    return 0
  }
  func inputEnded(on connection: Connection) { connection.close(.peerClosed) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {
    events.yield(.ended(holding: held, reason.description))
  }
}

@Suite struct InputBudgetTests {
  @Test("also one that only grows is held by the loop's memory")
  func growing() async throws {
    let server = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let (events, continuation) = AsyncStream<UnfinishedHandler.Event>.makeStream()
    var limits = ListenerLimits()
    limits.loopInputBudget = 300_000
    let address = try server.listen(host: "127.0.0.1", port: 0, tls: nil, limits: limits) { _ in
      UnfinishedHandler(continuation)
    }
    let client = try RawClient(port: address.port)
    client.sendInBackground([UInt8](repeating: 1, count: 1_000_000))
    for await event in events {
      guard case .ended(_, let reason) = event else { continue }
      #expect(reason == "limit reached: memory for unfinished requests")
      break
    }
    await server.shutDown(graceSeconds: 1)
  }

  @Test("when unfinished requests fill the loop's memory, who holds most is cut off, not who comes next")
  func shedding() async throws {
    let server = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let clients = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let (events, continuation) = AsyncStream<UnfinishedHandler.Event>.makeStream()
    var limits = ListenerLimits()
    limits.loopInputBudget = 300_000
    let address = try server.listen(host: "127.0.0.1", port: 0, tls: nil, limits: limits) { _ in
      UnfinishedHandler(continuation)
    }
    var seen = events.makeAsyncIterator()
    func send(_ count: Int) async throws {
      let target = DialTarget(host: "127.0.0.1", port: address.port, tls: nil)
      let connection = try await clients.connect(target) { _ in EchoHandler() }
      connection.run { $0.write([UInt8](repeating: 1, count: count)) }
    }
    try await send(280_000)
    while let event = await seen.next(), event != .holds(280_000) {}
    try await send(30_000)
    while let event = await seen.next() {
      guard case .ended(let holding, let reason) = event else { continue }
      #expect(holding == 280_000)
      #expect(reason == "limit reached: memory for unfinished requests")
      break
    }
    await server.shutDown(graceSeconds: 1)
    await clients.shutDown(graceSeconds: 1)
  }
}
