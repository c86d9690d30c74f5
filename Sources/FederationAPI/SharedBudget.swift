import Synchronization

/// A ``RateBudget`` that several threads take from.
public final class SharedBudget: Sendable {
  /// How many calls a thread may take at once, to spend them without asking again: as few as leave the budget true to
  /// its allowance within a hundredth for each thread.
  public let share: Int
  private let budget: Mutex<RateBudget>

  /// Starts full.
  public init(_ allowance: RateBudget.Allowance) {
    share = max(1, min(32, Int(allowance.burst / 128)))
    budget = Mutex(RateBudget(allowance))
  }

  /// Takes as many as there are, `count` at most, and gives how many that is.
  public func take(upTo count: Int = 1, at now: MonotonicTime) -> Int {
    budget.withLock { $0.take(upTo: count, at: now) }
  }

  /// How long until there is one to take: 0 when there is.
  public func secondsUntilNext(at now: MonotonicTime) -> Double { budget.withLock { $0.secondsUntilNext(at: now) } }
}
