import FederationAPI
import Testing

@testable import GRPC

@Suite struct MessageReaderTests {
  /// "hello hello hello" by `gzip -n`.
  private static let gzip: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8, 0x40, 0x90,
    0x00, 0x80, 0x88, 0xF9, 0xE5, 0x11, 0x00, 0x00, 0x00,
  ]

  private func read(_ bytes: [UInt8], gzip: Bool = false, maximum: Int = 100) throws(RPCError) -> [[UInt8]] {
    var reader = MessageReader(maximum: maximum)
    reader.acceptsGzip = gzip
    var messages: [[UInt8]] = []
    // Byte by byte, because the network may cut anywhere.
    for byte in bytes {
      try reader.append([byte].span.bytes)
      while let message = try reader.next() { messages.append(message) }
    }
    return messages
  }

  @Test("messages are cut wherever the bytes were cut")
  func messages() throws {
    #expect(try read([0, 0, 0, 0, 2, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9]) == [[7, 8], [], [9]])
  }

  @Test("a length past the limit fails before the message is there")
  func tooLong() {
    let error = #expect(throws: RPCError.self) { try read([0, 0, 0, 0, 101]) }
    #expect(error == RPCError(.resourceExhausted, "message of 101 bytes is too large, at most 100"))
  }

  @Test("flags: 1 needs an encoding, and others are none")
  func flags() {
    #expect(throws: RPCError(.internal, "a message is compressed, but the call names no grpc-encoding")) {
      try read([1, 0, 0, 0, 0])
    }
    #expect(throws: RPCError(.internal, "a message's first byte is neither 0 nor 1")) { try read([2, 0, 0, 0, 0]) }
  }

  @Test("gzip is undone, up to the limit, and uncompressed messages may come beside")
  func gzip() throws {
    let message = MessageReader.prefix(Self.gzip.count)
    let compressed = [1] + message.dropFirst() + Self.gzip
    #expect(try read(compressed + [0, 0, 0, 0, 1, 5], gzip: true) == [Array("hello hello hello".utf8), [5]])
    let error = #expect(throws: RPCError.self) { try GzipDecoder.decode(Self.gzip, maximum: 16).get() }
    #expect(error?.code == .resourceExhausted)
  }

  @Test("what is not gzip, or cut short, or followed by more is refused")
  func notGzip() {
    for bytes in [[1, 2, 3], Array(Self.gzip.dropLast(9)), Self.gzip + [0], []] {
      #expect(
        GzipDecoder.decode(bytes, maximum: 100) == .failure(RPCError(.internal, "a compressed message is not gzip")))
    }
  }

  @Test("many small messages at once take time with their number only")
  func manySmall() throws {
    var reader = MessageReader(maximum: 100)
    try reader.append([UInt8](repeating: 0, count: 5 * 200_000).span.bytes)
    var count = 0
    let start = MonotonicTime.now
    while try reader.next() != nil { count += 1 }
    #expect(count == 200_000)
    // Moved one by one they would be 100 GB.
    #expect(start.nanoseconds(until: .now) < 5_000_000_000)
  }
}
