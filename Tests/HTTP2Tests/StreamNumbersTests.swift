import Testing

@testable import HTTP2

@Suite struct StreamNumbersTests {
  @Test("numbers at or below the highest are stale, skipped ones too; higher and even ones are not")
  func stale() {
    var numbers = StreamNumbers()
    #expect(!numbers.isStale(1))
    numbers.opened(1)
    numbers.opened(9)
    #expect([1, 5, 9].allSatisfy { numbers.isStale($0) })
    #expect(![11, 2, 0].contains { numbers.isStale($0) })
  }

  @Test("what was reset here may still be sent on, however long ago it was")
  func resets() {
    var numbers = StreamNumbers()
    numbers.opened(20_001)
    numbers.reset(3)
    numbers.reset(3)
    #expect(!numbers.isStale(3))
    #expect(numbers.isStale(5))
    for id in stride(from: Int32(101), to: 8_001, by: 2) { numbers.reset(id) }
    #expect(!numbers.isStale(3), "forgotten, and so taken as before")
    #expect(!numbers.isStale(5), "below one that is forgotten nothing is certain")
    #expect(!numbers.isStale(7_999))
    #expect(numbers.isStale(8_001))
  }
}
