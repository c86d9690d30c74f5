/// How often something may happen: a number at once, which comes back with time.
public struct RateBudget: Sendable {
  /// What a budget starts with and how fast it recovers.
  public struct Allowance: Sendable {
    /// How many at once.
    public var burst: Double
    /// How many more each second.
    public var perSecond: Double

    /// Makes an allowance.
    public init(burst: Double, perSecond: Double) {
      self.burst = burst
      self.perSecond = perSecond
    }
  }

  private let allowance: Allowance
  private var left: Double
  private var seen: MonotonicTime?

  /// Starts full.
  public init(_ allowance: Allowance) {
    self.allowance = allowance
    left = allowance.burst
  }

  /// Takes one. False when there is none left.
  public mutating func take(at now: MonotonicTime) -> Bool { take(upTo: 1, at: now) == 1 }

  /// Takes as many as there are, `count` at most, and gives how many that is.
  public mutating func take(upTo count: Int, at now: MonotonicTime) -> Int {
    recover(until: now)
    let taken = min(Double(count), left.rounded(.down))
    left -= taken
    return Int(taken)
  }

  /// How long until there is one to take: 0 when there is.
  public mutating func secondsUntilNext(at now: MonotonicTime) -> Double {
    recover(until: now)
    return left >= 1 ? 0 : (1 - left) / allowance.perSecond
  }

  private mutating func recover(until now: MonotonicTime) {
    guard let seen else { return self.seen = now }
    // Threads that share a budget may have looked at the clock in another order.
    let seconds = Double(seen.nanoseconds(until: now)) / 1e9
    left = min(allowance.burst, left + seconds * allowance.perSecond)
    self.seen = max(seen, now)
  }
}
