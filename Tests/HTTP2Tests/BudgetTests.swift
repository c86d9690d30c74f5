import FederationAPI
import Testing

@testable import HTTP2

@Suite struct BudgetTests {
  private func second(_ number: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: number * 1_000_000_000) }

  @Test("a budget allows its burst, and recovers with time, up to the burst")
  func budget() {
    var budget = RateBudget(.init(burst: 2, perSecond: 1))
    let taken = [0, 0, 0, 1, 1, 100, 100, 100].map { budget.take(at: second($0)) }
    #expect(taken == [true, true, false, true, false, true, true, false])
  }

  @Test("pings: strikes without streams, more often with them, forgotten when something is sent")
  func pings() {
    var policy = PingPolicy(HTTP2Limits())
    let idle = [0, 400, 500, 600, 700].map { policy.admit(at: second($0), hasStreams: false) }
    #expect(idle == [true, true, true, true, false], "two strikes are borne, the third is not")
    policy.answered()
    let busy = stride(from: UInt64(700), to: 900, by: 11).map { policy.admit(at: second($0), hasStreams: true) }
    #expect(!busy.contains(false))
  }
}
