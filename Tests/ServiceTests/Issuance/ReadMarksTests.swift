import Testing

@testable import Service

@Suite struct ReadMarksTests {
  @Test("holds what was inserted in the minute and nothing else, against a set")
  func oracle() {
    var random = SystemRandomNumberGenerator()
    for spread in [UInt64(4), 200, 5_000, .max] {
      var marks = ReadMarks()
      var set: Set<UInt64> = []
      var minute: Int64 = 0
      for _ in 0..<20_000 {
        if UInt64.random(in: 0..<4_000, using: &random) == 0 {
          (minute, set) = (minute + (Bool.random(using: &random) ? 7 : -1), [])
        }
        // Many that begin in the same slot, and 0, which is a free one's sign.
        let mark = UInt64.random(in: 0..<spread, using: &random) &* (spread == 5_000 ? 1 << 12 : 1)
        let isThere = marks.contains(mark, minute: minute)
        #expect(isThere == set.contains(mark) || (mark <= 1 && set.contains(1 - mark)))
        if !set.contains(mark), set.count >= ReadMarks.maximumCount { set = [] }
        marks.insert(mark, minute: minute)
        set.insert(mark)
        #expect(!marks.contains(mark, minute: minute + 1) && !marks.contains(mark, minute: minute - 1))
        #expect(marks.contains(mark, minute: minute))
      }
    }
  }
}
