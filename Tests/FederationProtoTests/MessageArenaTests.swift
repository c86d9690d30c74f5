import Testing

@testable import FederationProto

@Suite struct MessageArenaTests {
  @Test("gives out aligned memory until it is exhausted, and says so")
  func bounded() {
    let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: MessageArena.alignment)
    defer { storage.deallocate() }
    var arena = MessageArena(storage)
    #expect(arena.allocate(1) == storage.baseAddress)
    #expect(arena.allocate(17) == storage.baseAddress! + 16)
    #expect(arena.allocate(17) == nil)
    let isExhausted = arena.isExhausted
    #expect(isExhausted)
    #expect(arena.allocate(16) == storage.baseAddress! + 48)
    #expect(arena.allocate(1) == nil)
  }

  @Test("a size that overflows is refused")
  func hugeSize() {
    let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: MessageArena.alignment)
    defer { storage.deallocate() }
    var arena = MessageArena(storage)
    #expect(arena.allocate(.max) == nil)
    #expect(arena.allocate(-1) == nil)
  }

  @Test("what was given out is zero afterwards")
  func wiped() {
    let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: MessageArena.alignment)
    defer { storage.deallocate() }
    func fill() {
      var arena = MessageArena(storage)
      arena.allocate(40)?.initializeMemory(as: UInt8.self, repeating: 0xAA, count: 40)
      #expect(storage[39] == 0xAA)
    }
    fill()
    #expect(storage[..<40].allSatisfy { $0 == 0 })
  }
}
