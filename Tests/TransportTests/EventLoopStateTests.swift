import CLinux
import FederationAPI
import Logging
import Synchronization
import Testing

@testable import Transport

/// Runs a closure when it is opened and when bytes or a timer come.
private final class ClosureHandler: ConnectionHandler {
  enum Event { case opened, bytes, timer(UInt64) }
  private let body: @Sendable (Event, Connection) -> Void
  init(_ body: @escaping @Sendable (Event, Connection) -> Void) { self.body = body }
  func opened(_ connection: Connection) { body(.opened, connection) }
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    body(.bytes, connection)
    return bytes.byteCount
  }
  func inputEnded(on connection: Connection) { connection.close(.finished) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) { body(.timer(tag), connection) }
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {}
}

private final class Owner: Sendable {}
private final class LoopState {}

@Suite(.timeLimit(.minutes(1))) struct EventLoopStateTests {
  private struct Found: Sendable {
    var loop: ObjectIdentifier
    var first: ObjectIdentifier?
    var second: ObjectIdentifier?
    var none: ObjectIdentifier?
  }

  @Test("the connections of one loop share one state for each owner, and no two loops or owners share one")
  func sharing() async throws {
    let group = try EventLoopGroup(loops: 3, log: Log(level: .error))
    let owners = [Owner(), Owner(), Owner()]
    let made = Mutex([0, 0, 0])
    let (stream, continuation) = AsyncStream<Found>.makeStream()
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in
      ClosureHandler { event, connection in
        guard case .opened = event else { return }
        func state(_ index: Int) -> ObjectIdentifier? {
          connection.loopState(of: owners[index]) {
            made.withLock { $0[index] += 1 }
            return index == 2 ? nil : LoopState()
          }.map { ObjectIdentifier($0) }
        }
        let found = (state(0), state(1), state(2))
        #expect(state(0) == found.0)
        continuation.yield(
          Found(loop: ObjectIdentifier(connection.loop), first: found.0, second: found.1, none: found.2))
      }
    }
    var all: [Found] = []
    var seen = stream.makeAsyncIterator()
    for _ in 0..<60 {
      _ = try await group.connect(DialTarget(host: "127.0.0.1", port: address.port, tls: nil)) { _ in EchoHandler() }
      if let found = await seen.next() { all.append(found) }
    }
    let loops = Set(all.map(\.loop)).count
    #expect(Set(all.map { [$0.loop, $0.first] }).count == loops)
    #expect(Set(all.map { [$0.loop, $0.second] }).count == loops)
    let states = Set(all.flatMap { [$0.first, $0.second] })
    #expect(states.count == 2 * loops && !states.contains(nil))
    #expect(all.allSatisfy { $0.none == nil })
    // Nothing is no state: whoever comes next may ask again.
    #expect(made.withLock { $0 } == [loops, loops, 60])
    await group.shutDown(graceSeconds: 0)
  }

  @Test("a turn has one time, which is no earlier than the turn before and no later than the clock")
  func oneTimeATurn() async throws {
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let (stream, continuation) = AsyncStream<(MonotonicTime, MonotonicTime, MonotonicTime)>.makeStream()
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in
      ClosureHandler { event, connection in
        guard case .bytes = event else { return }
        let first = connection.now
        usleep(20_000)
        continuation.yield((first, connection.now, .now))
      }
    }
    let clients = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let client = try await clients.connect(DialTarget(host: "127.0.0.1", port: address.port, tls: nil)) { _ in
      EchoHandler()
    }
    var seen = stream.makeAsyncIterator()
    var before = MonotonicTime(nanoseconds: 0)
    for _ in 0..<5 {
      client.run { $0.write([1]) }
      guard let (first, second, clock) = await seen.next() else { break }
      #expect(first == second)
      #expect(first >= before.advanced(byNanoseconds: 20_000_000) || before.nanoseconds == 0)
      #expect(first.advanced(byNanoseconds: 20_000_000) <= clock)
      before = first
    }
    await clients.shutDown(graceSeconds: 0)
    await group.shutDown(graceSeconds: 0)
  }

  @Test("timers that came due during a long turn fire right after it, in order, and none fires early")
  func timersAfterLongTurn() async throws {
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let (stream, continuation) = AsyncStream<(UInt64, MonotonicTime)>.makeStream()
    let start = Mutex(MonotonicTime(nanoseconds: 0))
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in
      ClosureHandler { event, connection in
        switch event {
        case .opened: break
        case .bytes:
          let now = connection.now
          start.withLock { $0 = now }
          // Tags are milliseconds from the turn's start; the turn takes 150, and the last is past a second away.
          for tag: UInt64 in [1_100, 20, 300, 0, 100, 160] {
            connection.setTimer(tag, at: now.advanced(byNanoseconds: tag * 1_000_000))
          }
          usleep(150_000)
        case .timer(let tag): continuation.yield((tag, .now))
        }
      }
    }
    let clients = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let client = try await clients.connect(DialTarget(host: "127.0.0.1", port: address.port, tls: nil)) { _ in
      EchoHandler()
    }
    client.run { $0.write([1]) }
    var order: [UInt64] = []
    for await (tag, fired) in stream {
      order.append(tag)
      let due = start.withLock { $0 }.advanced(byNanoseconds: tag * 1_000_000)
      #expect(due <= fired, "timer \(tag) is early")
      // Late by no more than the turn, with a wide margin for a machine that is busy.
      #expect(due.nanoseconds(until: fired) < 2_000_000_000, "timer \(tag) is late")
      if order.count == 6 { break }
    }
    #expect(order == [0, 20, 100, 160, 300, 1_100])
    await clients.shutDown(graceSeconds: 0)
    await group.shutDown(graceSeconds: 0)
  }

  @Test("a block that grew is let go of, one that did not is kept, and neither shows what was in it")
  func blocks() throws {
    let loop = try EventLoop(mailbox: Mailbox(), log: Log(level: .error))
    for count in [10, EventLoop.blockBytes, EventLoop.blockBytes + 1, 1 << 20, 10] {
      loop.writeOutputBlock(count) { $0.initializeMemory(as: UInt8.self, repeating: 0xAA) }
      let waiting = loop.outputBlockCount
      #expect(waiting == count)
      var block = loop.takeOutputBlock()
      #expect(loop.outputBlockCount == 0)
      let isWhole = block.bytes.allSatisfy { $0 == 0xAA } && block.count == count
      #expect(isWhole)
      loop.giveBack(outputBlock: &block)
      var again = loop.takeOutputBlock()
      let (capacity, left) = (again.capacity, again.count)
      #expect(capacity == EventLoop.blockBytes && left == 0)
      // Fresh memory may hold anything; memory that was kept may not.
      if count <= EventLoop.blockBytes {
        let memory = UnsafeRawBufferPointer(start: again.reserve(count), count: count)
        #expect(memory.allSatisfy { $0 == 0 })
      }
      loop.giveBack(outputBlock: &again)
    }
  }
}
