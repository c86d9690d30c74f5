import FederationAPI
import Testing

@testable import HTTP1

@Suite struct ConnectionDeadlineTests {
  private func at(_ seconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

  @Test("what is waited for in vain is told when its time is over")
  func expiry() {
    var deadline = ConnectionDeadline()
    #expect(deadline.set(.head, until: at(10)) == at(10))
    #expect(deadline.fired(at(10), now: at(10)) == .expired(.head))
    #expect(deadline.fired(at(10), now: at(11)) == .stale)
  }

  @Test("a deadline that moves later costs no timer until the old one fires")
  func later() {
    var deadline = ConnectionDeadline()
    #expect(deadline.set(.head, until: at(10)) == at(10))
    for second in 1...5 {
      #expect(deadline.set(.answer, until: at(UInt64(second) + 30)) == nil)
      #expect(deadline.set(.idle, until: at(UInt64(second) + 75)) == nil)
    }
    #expect(deadline.fired(at(10), now: at(10)) == .rearm(at(80)))
    #expect(deadline.fired(at(80), now: at(80)) == .expired(.idle))
  }

  @Test("a deadline that moves earlier gets a timer, and the old one means nothing")
  func earlier() {
    var deadline = ConnectionDeadline()
    #expect(deadline.set(.idle, until: at(75)) == at(75))
    #expect(deadline.set(.head, until: at(12)) == at(12))
    #expect(deadline.set(.idle, until: at(77)) == nil)
    #expect(deadline.fired(at(12), now: at(12)) == .rearm(at(77)))
    #expect(deadline.fired(at(75), now: at(75)) == .stale)
    #expect(deadline.fired(at(77), now: at(78)) == .expired(.idle))
  }
}
