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
  public mutating func take(at now: MonotonicTime) -> Bool {
    if let seen {
      let seconds = Double(seen.nanoseconds(until: now)) / 1e9
      left = min(allowance.burst, left + seconds * allowance.perSecond)
    }
    seen = now
    guard left >= 1 else { return false }
    left -= 1
    return true
  }
}
