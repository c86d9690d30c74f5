import FederationAPI
import Logging
import Synchronization
import Testing

@testable import Transport

/// Sends back what comes, and ends when the peer does, or at once after the first bytes.
final class EchoHandler: ConnectionHandler {
  private let closesFirst: Bool
  init(closesFirst: Bool = false) { self.closesFirst = closesFirst }
  func opened(_ connection: Connection) {}
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    connection.write(bytes)
    if closesFirst { connection.close(.finished) }
    return bytes.byteCount
  }
  func inputEnded(on connection: Connection) { connection.close(.finished) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {}
}

/// Collects what comes until the connection ends.
final class CollectingHandler: ConnectionHandler {
  private let finished: AsyncStream<[UInt8]>.Continuation
  private var bytes: [UInt8] = []
  private let wanted: Int

  init(wanted: Int, finished: AsyncStream<[UInt8]>.Continuation) {
    self.wanted = wanted
    self.finished = finished
  }
  func opened(_ connection: Connection) {}
  func receive(_ input: RawSpan, on connection: Connection) -> Int {
    input.withUnsafeBytes { bytes.append(contentsOf: $0) }
    if bytes.count >= wanted { connection.close(.finished) }
    return input.byteCount
  }
  func inputEnded(on connection: Connection) { connection.close(.finished) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {
    finished.yield(bytes)
    finished.finish()
  }
}

@Suite struct EchoTests {
  @Test("bytes come back over plain TCP, more of them than any buffer holds", arguments: [1, 100_000, 5_000_000])
  func plain(count: Int) async throws {
    let log = Log(level: .error)
    let group = try EventLoopGroup(loops: 2, log: log)
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in EchoHandler() }
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let target = DialTarget(host: address.host, port: address.port, tls: nil)
    let connection = try await group.connect(target) { _ in
      CollectingHandler(wanted: count, finished: continuation)
    }
    let sent = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    connection.run { $0.write(sent) }
    var received: [UInt8] = []
    for await bytes in stream { received = bytes }
    #expect(received == sent)
    await group.shutDown(graceSeconds: 1)
  }
}
