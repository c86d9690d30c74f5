import Logging
import Testing

@Suite struct LogLimitTests {
  @Test("of a flood so many lines pass each second, and the next second tells how many did not")
  func flood() {
    let limit = LogLimit(linesPerSecond: 3)
    #expect((0..<10).map { _ in limit.admit(at: 5) } == [0, 0, 0] + [Int?](repeating: nil, count: 7))
    #expect(limit.admit(at: 1_000_000_004) == nil)
    #expect(limit.admit(at: 1_000_000_005) == 8)
    #expect(limit.admit(at: 1_000_000_006) == 0)
  }
}
