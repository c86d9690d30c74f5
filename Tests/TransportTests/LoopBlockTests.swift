import FederationAPI
import Logging
import TestSupport
import Testing

@testable import Transport

/// Sends back whole frames, four bytes of length and as many bytes, and consumes nothing else. Frames of one byte are
/// commands: `c` closes and `a` aborts behind what was written in the same turn; others ask for so many MiB.
private final class FrameHandler: ConnectionHandler {
  func opened(_ connection: Connection) {}
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    var offset = 0
    while bytes.byteCount - offset >= 4 {
      let length = Int(UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      guard bytes.byteCount - offset - 4 >= length, !connection.isOutputFull else { return offset }
      let frame = bytes.extracting(offset + 4..<offset + 4 + length)
      offset += 4 + length
      if length == 1 {
        obey(frame.unsafeLoad(fromByteOffset: 0, as: UInt8.self), connection)
      } else {
        connection.write(frame)
      }
    }
    return offset
  }
  private func obey(_ command: UInt8, _ connection: Connection) {
    switch command {
    case UInt8(ascii: "c"): connection.close(.finished)
    case UInt8(ascii: "a"): connection.abort(.finished)
    default:
      connection.write(Int(command) << 20) { room in
        for index in 0..<room.count { room[index] = UInt8(truncatingIfNeeded: index % 251) }
      }
    }
  }
  func inputEnded(on connection: Connection) { connection.close(.finished) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {}
}

/// The blocks that a loop lends to one connection after another.
@Suite(.timeLimit(.minutes(1))) struct LoopBlockTests {
  private let servers: EventLoopGroup
  private let clients: EventLoopGroup
  private let target: DialTarget
  private let authority: TestCertificateAuthority

  init() throws {
    servers = try EventLoopGroup(loops: 1, log: Log(level: .error))
    clients = try EventLoopGroup(loops: 1, log: Log(level: .error))
    authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    let tls = try ServerTLS(certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, alpn: [])
    let address = try servers.listen(host: "127.0.0.1", port: 0, tls: tls) { _ in FrameHandler() }
    let client = try ClientTLS(caCertificates: authority.certificatePEM)
    target = DialTarget(host: "127.0.0.1", port: address.port, tls: client)
  }

  private func stop() async {
    await clients.shutDown(graceSeconds: 0)
    await servers.shutDown(graceSeconds: 0)
  }

  private func frame(_ bytes: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) } + bytes
  }

  /// Connects; the stream yields all that came when `wanted` bytes have come or the connection has ended.
  private func connect(wanted: Int) async throws -> (ConnectionReference, AsyncStream<[UInt8]>) {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let connection = try await clients.connect(target) { _ in
      CollectingHandler(wanted: wanted, finished: continuation)
    }
    return (connection, stream)
  }

  private func last(_ stream: AsyncStream<[UInt8]>) async -> [UInt8] {
    await stream.reduce(into: []) { $0 = $1 }
  }

  @Test("answers past the block's size arrive whole and in order, and small ones between them", arguments: [1, 5])
  func largeAnswers(mebibytes: UInt8) async throws {
    let small = [UInt8](repeating: 0xEE, count: 100)
    let large = (0..<Int(mebibytes) << 20).map { UInt8(truncatingIfNeeded: $0 % 251) }
    for around in [65_535, 65_536, 65_537] {
      let near = [UInt8](repeating: 0xDD, count: around)
      let expected = small + large + near + large + small
      let (connection, stream) = try await connect(wanted: expected.count)
      let sent = frame(small) + frame([mebibytes]) + frame(near) + frame([mebibytes]) + frame(small)
      connection.run { $0.write(sent) }
      #expect(await last(stream) == expected)
    }
    await stop()
  }

  @Test("frames that come in pieces, on many connections by turns, come back whole and to whom they belong")
  func interleaving() async throws {
    var random = SystemRandomNumberGenerator()
    let count = 8
    var inputs: [[UInt8]] = []
    var expected: [[UInt8]] = []
    for index in 0..<count {
      let sizes = [2, 3, 100, 16_384, 20_000, 70_000, 200_000, 7].shuffled()
      let frames = sizes.map { [UInt8](repeating: UInt8(index), count: $0) }
      inputs.append(frames.flatMap(frame))
      expected.append(frames.flatMap { $0 })
    }
    var peers: [(ConnectionReference, AsyncStream<[UInt8]>)] = []
    for index in 0..<count { peers.append(try await connect(wanted: expected[index].count)) }
    while let index = inputs.indices.filter({ !inputs[$0].isEmpty }).randomElement(using: &random) {
      let most = [1, 5, 1_000, 40_000].randomElement(using: &random) ?? 1
      let piece = Array(inputs[index].prefix(Int.random(in: 1...most, using: &random)))
      inputs[index].removeFirst(piece.count)
      let (connection, written) = (peers[index].0, AsyncStream<Void>.makeStream())
      connection.run {
        $0.write(piece)
        written.continuation.finish()
      }
      if Bool.random(using: &random) { for await _ in written.stream {} }
    }
    for index in 0..<count { #expect(await last(peers[index].1) == expected[index], "connection \(index)") }
    await stop()
  }

  @Test("a handler that closes while its output is in the block has all of it sent, however much it is")
  func closeWithOutput() async throws {
    let text = [UInt8](repeating: 0x74, count: 90_000)
    let large = (0..<2 << 20).map { UInt8(truncatingIfNeeded: $0 % 251) }
    let (connection, stream) = try await connect(wanted: .max)
    let sent = frame(text) + frame([2]) + frame(Array("c".utf8)) + frame(text)
    connection.run { $0.write(sent) }
    #expect(await last(stream) == text + large)
    await stop()
  }

  @Test("what a handler wrote before it aborted goes to nobody, least of all to whoever borrows the block next")
  func abortWithOutput() async throws {
    let secret = [UInt8](repeating: 0x73, count: 5_000)
    let greeting = Array("hello".utf8)
    for _ in 0..<20 {
      let (bystander, answers) = try await connect(wanted: 2 * greeting.count)
      let (victim, nothing) = try await connect(wanted: .max)
      let doomed = frame(secret) + frame(Array("a".utf8))
      let asked = frame(greeting)
      bystander.run { $0.write(asked) }
      victim.run { $0.write(doomed) }
      #expect(await last(nothing) == [])
      bystander.run { $0.write(asked) }
      #expect(await last(answers) == greeting + greeting)
    }
    await stop()
  }
}
