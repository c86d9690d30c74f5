import FederationAPI
import Testing

@Suite struct SharedBudgetTests {
  private static let start = MonotonicTime(nanoseconds: 1_000_000_000)

  @Test("what is taken at once is no more than there is, and it is known when there is more")
  func taking() {
    let budget = SharedBudget(.init(burst: 5, perSecond: 2))
    #expect(budget.take(upTo: 3, at: Self.start) == 3)
    #expect(budget.secondsUntilNext(at: Self.start) == 0)
    #expect(budget.take(upTo: 3, at: Self.start) == 2)
    #expect(budget.take(at: Self.start) == 0)
    #expect(budget.secondsUntilNext(at: Self.start) == 0.5)
    #expect(budget.take(at: Self.start.advanced(bySeconds: 0.5)) == 1)
  }

  @Test("a thread whose clock is behind does not make time count twice")
  func clocks() {
    let budget = SharedBudget(.init(burst: 1, perSecond: 1))
    let (early, late) = (Self.start, Self.start.advanced(bySeconds: 0.6))
    let taken = [early, late, early, late, early, late].map { budget.take(at: $0) }
    #expect(taken == [1, 0, 0, 0, 0, 0])
  }

  @Test("a share is one call of a small budget, and a small part of a large one")
  func shares() {
    #expect([1, 200, 2_000, 1e6].map { SharedBudget(.init(burst: $0, perSecond: 1)).share } == [1, 1, 15, 32])
  }
}
