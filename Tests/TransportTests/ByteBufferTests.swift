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

  /// What lies in the first `count` bytes of the memory of a buffer that is empty.
  private func memory(of buffer: inout ByteBuffer, _ count: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: buffer.reserve(count), count: count))
  }

  @Test("a buffer that is recycled keeps its memory and nothing of what was written, consumed or not")
  func recycle() {
    let secret = [UInt8](repeating: 0xAA, count: 1_000)
    for consumed in [0, 1, 999, 1_000] {
      var buffer = ByteBuffer(capacity: 4_096)
      let before = UInt(bitPattern: buffer.reserve(1))
      secret.withUnsafeBytes { buffer.append($0) }
      buffer.consume(consumed)
      secret.prefix(200).withUnsafeBytes { buffer.append($0) }
      buffer.recycle()
      let (count, capacity) = (buffer.count, buffer.capacity)
      #expect(count == 0 && capacity == 4_096)
      // What was consumed to the end is written over; behind what was written is what the allocator left there.
      let written = consumed == 1_000 ? 1_000 : 1_200
      #expect(memory(of: &buffer, 4_096).prefix(written).allSatisfy { $0 == 0 }, "consumed \(consumed)")
      let after = UInt(bitPattern: buffer.reserve(1))
      #expect(after == before)
    }
  }

  @Test("what was moved to the front is wiped in both places")
  func recycleAfterMove() {
    var buffer = ByteBuffer(capacity: 4_096)
    [UInt8](repeating: 0xAA, count: 4_000).withUnsafeBytes { buffer.append($0) }
    buffer.consume(3_000)
    [UInt8](repeating: 0xBB, count: 500).withUnsafeBytes { buffer.append($0) }
    let bytes = Array(buffer.bytes)
    #expect(bytes == [UInt8](repeating: 0xAA, count: 1_000) + [UInt8](repeating: 0xBB, count: 500))
    buffer.recycle()
    #expect(memory(of: &buffer, 4_096).prefix(4_000).allSatisfy { $0 == 0 })
  }

  @Test("a buffer that keeps its memory is used over and over, across growth and wiping")
  func reuse() {
    var buffer = ByteBuffer(capacity: 1_024)
    for round in 0..<50 {
      let piece = (0..<(round * 97 % 3_000)).map { UInt8(truncatingIfNeeded: $0 &+ round) | 1 }
      piece.withUnsafeBytes { buffer.append($0) }
      let first = min(buffer.count, round * 13)
      var seen = Array(buffer.bytes.prefix(first))
      buffer.consume(first)
      seen += Array(buffer.bytes)
      #expect(seen == piece)
      if round.isMultiple(of: 2) { buffer.consume(buffer.count) }
      buffer.recycle()
      #expect(memory(of: &buffer, piece.count).allSatisfy { $0 == 0 })
    }
  }
}
