import FederationAPI
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// Answers the byte N with 100,003 bytes that all are N, as long as the output has room.
private final class PieceHandler: ConnectionHandler {
  static let count = 100_003
  private let answered: AnswerCount
  init(_ answered: AnswerCount) { self.answered = answered }
  func opened(_ connection: Connection) {}
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    for offset in 0..<bytes.byteCount {
      if connection.isOutputFull { return offset }
      let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      connection.write([UInt8](repeating: byte, count: PieceHandler.count))
      answered.value.withLock { $0 += 1 }
    }
    return bytes.byteCount
  }
  func inputEnded(on connection: Connection) { connection.close(.finished) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {}
}

private final class AnswerCount: Sendable {
  let value = Mutex<Int>(0)
}

/// Reads nothing until its input is resumed, and then collects.
private final class LateReader: ConnectionHandler {
  private let collector: CollectingHandler
  init(_ collector: CollectingHandler) { self.collector = collector }
  func opened(_ connection: Connection) { connection.pauseInput() }
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int { collector.receive(bytes, on: connection) }
  func inputEnded(on connection: Connection) { collector.inputEnded(on: connection) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) { collector.closed(connection, reason: reason) }
}

@Suite(.timeLimit(.minutes(1))) struct SocketFullTests {
  @Test("what a full socket does not take goes out later, in order, while others are served", arguments: [true, false])
  func order(withTLS: Bool) async throws {
    let servers = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let clients = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    let tls = try ServerTLS(certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, alpn: [])
    let answered = AnswerCount()
    let address = try servers.listen(host: "127.0.0.1", port: 0, tls: withTLS ? tls : nil) { _ in
      PieceHandler(answered)
    }
    let target = DialTarget(
      host: "127.0.0.1", port: address.port,
      tls: withTLS ? try ClientTLS(caCertificates: authority.certificatePEM) : nil)

    let asked: [UInt8] = (1...200).map { $0 }
    let expected = asked.flatMap { [UInt8](repeating: $0, count: PieceHandler.count) }
    let (late, lateEnd) = AsyncStream<[UInt8]>.makeStream()
    let slow = try await clients.connect(target) { _ in
      LateReader(CollectingHandler(wanted: expected.count, finished: lateEnd))
    }
    slow.run { $0.write(asked) }
    // With nobody reading the server fills the kernel's buffers and its own, then stops: wait until it has.
    var seen = -1
    while seen != answered.value.withLock({ $0 }) {
      seen = answered.value.withLock { $0 }
      try await Task.sleep(for: .milliseconds(200))
    }
    #expect((1..<asked.count).contains(seen))
    for byte: UInt8 in 201...205 {
      let (prompt, promptEnd) = AsyncStream<[UInt8]>.makeStream()
      let other = try await clients.connect(target) { _ in
        CollectingHandler(wanted: PieceHandler.count, finished: promptEnd)
      }
      other.run { $0.write([byte]) }
      for await bytes in prompt { #expect(bytes == [UInt8](repeating: byte, count: PieceHandler.count)) }
    }
    slow.run { $0.resumeInput() }
    for await bytes in late { #expect(bytes == expected) }
    await clients.shutDown(graceSeconds: 0)
    await servers.shutDown(graceSeconds: 0)
  }
}
