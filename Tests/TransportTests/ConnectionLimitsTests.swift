import FederationAPI
import Logging
import Synchronization
import Testing

@testable import Transport

/// Remembers what happened to its connection, in order, and writes on demand.
final class RecordingHandler: ConnectionHandler {
  enum Event: Sendable, Equatable {
    case opened(String?)
    case received(Int)
    case inputEnded
    case drained
    case draining
    case closed(String)
  }

  let events: AsyncStream<Event>.Continuation
  let consumes: Bool
  init(_ events: AsyncStream<Event>.Continuation, consumes: Bool = true) {
    self.events = events
    self.consumes = consumes
  }
  func opened(_ connection: Connection) { events.yield(.opened(connection.alpn)) }
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    guard !connection.isOutputFull else { return 0 }
    events.yield(.received(bytes.byteCount))
    return consumes ? bytes.byteCount : 0
  }
  func inputEnded(on connection: Connection) {
    events.yield(.inputEnded)
    connection.close(.peerClosed)
  }
  func outputDrained(on connection: Connection) { events.yield(.drained) }
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) {
    events.yield(.draining)
    connection.close(.draining)
  }
  func closed(_ connection: Connection, reason: CloseReason) {
    events.yield(.closed(reason.description))
    events.finish()
  }
}

@Suite struct ConnectionLimitsTests {
  typealias Event = RecordingHandler.Event

  private func closing(_ events: AsyncStream<Event>) async -> String? {
    for await event in events { if case .closed(let reason) = event { return reason } }
    return nil
  }

  @Test("a peer that does not read is no longer read, and is cut off when it stays that way")
  func backpressure() async throws {
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let (events, continuation) = AsyncStream<Event>.makeStream()
    var limits = ListenerLimits()
    limits.writeStallSeconds = 0.2
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: limits) { _ in
      FloodHandler(continuation)
    }
    // The client pauses its input at once, so the server's output stays where it is.
    let client = try await group.connect(DialTarget(host: "127.0.0.1", port: address.port, tls: nil)) { _ in
      PausedHandler()
    }
    client.run { $0.write([1]) }
    var most = 0
    for await event in events {
      if case .received(let count) = event { most = max(most, count) }
      if case .closed(let reason) = event { #expect(reason == "write timeout") }
    }
    #expect(most >= limits.outputHighWater)
    #expect(most < limits.outputHighWater + 2 * FloodHandler.piece)
    await group.shutDown(graceSeconds: 1)
  }

  @Test("past the connection limit a connection gets the refusal, past the reserve nothing")
  func connectionLimit() async throws {
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error, sink: { _ in }))
    var limits = ListenerLimits()
    limits.maximumConnections = 2
    limits.strangerSilenceSeconds = .infinity
    limits.refusalReserve = 1
    let address = try group.listen(
      host: "127.0.0.1", port: 0, tls: nil, limits: limits, makeHandler: { _ in GreetingHandler("served") },
      makeRefusal: { _ in GreetingHandler("refused") })
    var greetings: [String] = []
    for _ in 0..<4 {
      let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
      _ = try await group.connect(DialTarget(host: "127.0.0.1", port: address.port, tls: nil)) { _ in
        FirstBytesHandler(continuation)
      }
      for await bytes in stream { greetings.append(String(decoding: bytes, as: UTF8.self)) }
    }
    #expect(greetings == ["served", "served", "refused", ""])
    await group.shutDown(graceSeconds: 1)
  }

  @Test("a drain tells every handler, lets it flush, and ends")
  func drain() async throws {
    let group = try EventLoopGroup(loops: 2, log: Log(level: .error))
    let client = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let (events, continuation) = AsyncStream<Event>.makeStream()
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in RecordingHandler(continuation) }
    let (farewell, farewellEnd) = AsyncStream<Event>.makeStream()
    _ = try await client.connect(DialTarget(host: "127.0.0.1", port: address.port, tls: nil)) { _ in
      RecordingHandler(farewellEnd)
    }
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == .opened(nil))
    await group.shutDown(graceSeconds: 5)
    #expect(await seen.next() == .draining)
    #expect(await closing(farewell) == "peer closed")
    await #expect(throws: RPCError.self) {
      _ = try await client.connect(DialTarget(host: "127.0.0.1", port: address.port, tls: nil)) { _ in EchoHandler() }
    }
    await client.shutDown(graceSeconds: 1)
  }

  @Test("a port where somebody listens is refused, not shared, and is free again after a drain")
  func takenPort() async throws {
    let first = try EventLoopGroup(loops: 2, log: Log(level: .error))
    let port = try first.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in EchoHandler() }.port
    let second = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let error = #expect(throws: TransportError.self) {
      try second.listen(host: "127.0.0.1", port: port, tls: nil) { _ in EchoHandler() }
    }
    #expect(error?.description == "cannot listen on 127.0.0.1:\(port): Address already in use")
    await first.shutDown(graceSeconds: 1)
    #expect(try second.listen(host: "127.0.0.1", port: port, tls: nil) { _ in EchoHandler() }.port == port)
    await second.shutDown(graceSeconds: 1)
  }

  @Test("connecting to a port where nobody listens says that a retry is safe")
  func refusedDial() async throws {
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let socket = try Listener.bind(SocketAddress.resolve(host: "127.0.0.1", port: 0, passive: true)[0])
    let port = socket.localAddress().listenAddress.port
    _ = consume socket
    let error = await #expect(throws: RPCError.self) {
      _ = try await group.connect(DialTarget(host: "127.0.0.1", port: port, tls: nil)) { _ in EchoHandler() }
    }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("a retry is safe") == true)
    await group.shutDown(graceSeconds: 1)
  }
}

/// Writes pieces for as long as the connection takes them.
private final class FloodHandler: ConnectionHandler {
  static let piece = 64 * 1024
  private let events: AsyncStream<RecordingHandler.Event>.Continuation
  init(_ events: AsyncStream<RecordingHandler.Event>.Continuation) { self.events = events }
  func opened(_ connection: Connection) { pump(connection) }
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int { bytes.byteCount }
  func inputEnded(on connection: Connection) {}
  func outputDrained(on connection: Connection) { pump(connection) }
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {
    events.yield(.closed(reason.description))
    events.finish()
  }
  private func pump(_ connection: Connection) {
    while !connection.isOutputFull { connection.write([UInt8](repeating: 1, count: FloodHandler.piece)) }
    events.yield(.received(connection.outputCount))
  }
}

private final class PausedHandler: ConnectionHandler {
  func opened(_ connection: Connection) { connection.pauseInput() }
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int { bytes.byteCount }
  func inputEnded(on connection: Connection) {}
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.abort(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {}
}

private final class GreetingHandler: ConnectionHandler {
  private let greeting: String
  init(_ greeting: String) { self.greeting = greeting }
  func opened(_ connection: Connection) { connection.write(Array(greeting.utf8)) }
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int { bytes.byteCount }
  func inputEnded(on connection: Connection) {}
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {}
}

/// Yields the first bytes that come, or none when the connection ends before; then leaves the connection open.
private final class FirstBytesHandler: ConnectionHandler {
  private let stream: AsyncStream<[UInt8]>.Continuation
  init(_ stream: AsyncStream<[UInt8]>.Continuation) { self.stream = stream }
  func opened(_ connection: Connection) {}
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    stream.yield(bytes.withUnsafeBytes { Array($0) })
    stream.finish()
    return bytes.byteCount
  }
  func inputEnded(on connection: Connection) { connection.close(.finished) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {
    stream.yield([])
    stream.finish()
  }
}
