import FederationAPI
import Testing

@Suite struct MaskedBytesTests {
  /// For `#expect`, which takes no spans.
  private final class Memory {
    var masked = MaskedBytes()
    func keep(_ bytes: [UInt8]) { masked.keep(bytes.span.bytes) }
    func forget() { masked.forget() }
    func holds(_ bytes: [UInt8]) -> Bool { masked.isEqual(to: bytes.span.bytes) }
  }

  private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) } }

  @Test("nothing equals what was never kept, not even nothing")
  func empty() {
    let memory = Memory()
    #expect(!memory.holds([]))
    #expect(!memory.holds(bytes(1)))
    memory.keep([])
    #expect(!memory.holds([]))
    memory.forget()
    #expect(!memory.holds([]))
  }

  @Test("every length up to 200 equals itself, and with one bit flipped anywhere does not")
  func everyLength() {
    var random: UInt64 = 7
    for count in 1...200 {
      let kept = bytes(count)
      let memory = Memory()
      memory.keep(kept)
      guard memory.holds(kept) else { return #expect(Bool(false), "\(count) bytes") }
      for index in 0..<count {
        random = random &* 6_364_136_223_846_793_005 &+ 1
        var other = kept
        other[index] ^= 1 << UInt8(random >> 61)
        guard !memory.holds(other) else { return #expect(Bool(false), "\(index) of \(count)") }
      }
      #expect(!memory.holds(kept.dropLast()))
      #expect(!memory.holds((kept + [0])))
      #expect(!memory.holds([]))
    }
  }

  @Test("two bits flipped in the same lane of two blocks do not cancel out")
  func noCancelling() {
    let kept = bytes(256)
    let memory = Memory()
    memory.keep(kept)
    for distance in [8, 64, 128, 192] {
      var other = kept
      other[5] ^= 0x10
      other[5 + distance] ^= 0x10
      #expect(!memory.holds(other))
    }
  }

  @Test("bytes at an odd address are compared as well")
  func unaligned() {
    let kept = bytes(150)
    for shift in 0..<9 {
      let padded = [UInt8](repeating: 0xEE, count: shift) + kept
      let memory = Memory()
      memory.masked.keep(padded.span.bytes.extracting(shift..<padded.count))
      let isSame = memory.masked.isEqual(to: padded.span.bytes.extracting(shift..<padded.count))
      #expect(isSame && memory.holds(kept))
    }
  }

  @Test("what is kept later takes the place of what was kept, and forgetting leaves nothing")
  func replaced() {
    let memory = Memory()
    memory.keep(bytes(40))
    memory.keep(bytes(41))
    #expect(!memory.holds(bytes(40)))
    #expect(memory.holds(bytes(41)))
    memory.forget()
    #expect(!memory.holds(bytes(41)))
    memory.keep(bytes(40))
    #expect(memory.holds(bytes(40)))
  }

  @Test("holds the longest authorization there may be, and nothing in place of what is longer")
  func maximum() {
    #expect(MaskedBytes.maximumCount >= "Bearer ".utf8.count + Limits.token)
    let memory = Memory()
    let longest = bytes(MaskedBytes.maximumCount)
    memory.keep(longest)
    #expect(memory.holds(longest))
    var other = longest
    other[longest.count - 1] ^= 1
    #expect(!memory.holds(other))
    memory.keep((longest + [1]))
    #expect(!memory.holds((longest + [1])))
    #expect(!memory.holds(longest))
  }

  @Test("what lies in memory shows no run of the bytes, nor the same for a repeated byte")
  func hidden() throws {
    let kept = [UInt8](repeating: 0x41, count: 1_024)
    let memory = Memory()
    memory.keep(kept)
    // The struct's first word is where its buffer stands.
    let start = withUnsafeBytes(of: &memory.masked) { $0.load(as: UnsafeRawPointer?.self) }
    let stored = Array(UnsafeRawBufferPointer(start: try #require(start), count: kept.count))
    #expect(memory.holds(kept))
    #expect(stored.count { $0 == 0x41 } < 40)
    #expect(Set(stored).count > 200)
  }
}
