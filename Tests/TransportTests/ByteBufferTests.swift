import Testing

@testable import Transport

@Suite struct ByteBufferTests {
  @Test("what is appended is consumed in order, across growth")
  func order() {
    var buffer = ByteBuffer()
    var expected: [UInt8] = []
    var seen: [UInt8] = []
    for round in 0..<200 {
      let piece = (0..<(round * 37 % 501)).map { UInt8(truncatingIfNeeded: $0 &+ round) }
      piece.withUnsafeBytes { buffer.append($0) }
      expected += piece
      let take = min(buffer.count, round * 13 % 300)
      seen += Array(buffer.bytes.prefix(take))
      buffer.consume(take)
    }
    seen += Array(buffer.bytes)
    #expect(seen == expected)
  }

  @Test("reserved room can be filled in place, and uncommitted bytes do not count")
  func reserve() {
    var buffer = ByteBuffer()
    let start = buffer.reserve(100)
    start.storeBytes(of: 7, as: UInt8.self)
    let isEmpty = buffer.isEmpty
    #expect(isEmpty)
    buffer.commit(1)
    let bytes = Array(buffer.bytes)
    #expect(bytes == [7])
    buffer.clear()
    let count = buffer.count
    #expect(count == 0)
  }

  @Test("a stream that never quite empties the buffer does not make it grow")
  func steadyStream() {
    var buffer = ByteBuffer()
    let piece = [UInt8](repeating: 1, count: 16 * 1024)
    for _ in 0..<2_000 {
      piece.withUnsafeBytes { buffer.append($0) }
      buffer.consume(buffer.count - 7)
    }
    let capacity = buffer.capacity
    #expect(capacity <= 128 * 1024)
  }
}
