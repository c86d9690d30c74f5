import FederationAPI
import Testing

@Suite struct MonotonicTimeTests {
  @Test("a deadline past the end of time stays there instead of wrapping into the past")
  func saturates() {
    let late = MonotonicTime(nanoseconds: .max - 5)
    #expect(late.advanced(byNanoseconds: 100).nanoseconds == .max)
    #expect(late.advanced(byNanoseconds: 5).nanoseconds == .max)
    #expect(MonotonicTime(nanoseconds: 1).advanced(bySeconds: -3).nanoseconds == 1)
    for seconds in [1e12, .infinity] as [Double] { #expect(late.advanced(bySeconds: seconds).nanoseconds == .max) }
  }

  @Test("what has passed is no time away")
  func remaining() {
    let now = MonotonicTime(nanoseconds: 100)
    #expect(now.nanoseconds(until: MonotonicTime(nanoseconds: 130)) == 30)
    #expect(now.nanoseconds(until: MonotonicTime(nanoseconds: 70)) == 0)
  }
}
