import FederationAPI

/// How credentials live and die.
public struct IssuanceSettings: Sendable {
  /// How long a credential lives whose generator does not say, in seconds; nil for until it is revoked.
  public var defaultLeaseSeconds: Int64? = 86_400
  /// How long the reaper rests between passes, in seconds. A pass that finds nothing costs two queries.
  public var reaperIntervalSeconds = 5.0
  /// How long a grant has to be gone before what was issued under it is taken back, in seconds: an operator who
  /// replaces manifests may remove one file before writing the next.
  public var revocationGraceSeconds: Int64 = 30
  /// How long a credential may be in the making before it counts as abandoned, in seconds. More than any generator
  /// takes.
  public var abandonedAfterSeconds: Int64 = 120
  /// The pause after the first failed cleanup, in seconds; it doubles with each further one.
  public var firstRetrySeconds: Int64 = 5
  /// The longest pause between cleanups, in seconds.
  public var maximumRetrySeconds: Int64 = 600
  /// How long audit entries are kept, in days.
  public var auditRetentionDays: Int64 = 90
  /// Seconds since 1970-01-01T00:00:00Z.
  public var wallClock: @Sendable () -> Int64 = { WallClock.nowSeconds }
  /// For how many lines a second are logged.
  public var monotonicClock: @Sendable () -> MonotonicTime = { .now }

  /// Makes the defaults.
  public init() {}
}

extension IssuanceSettings {
  /// Milliseconds since 1970-01-01T00:00:00Z, to the resolution of ``wallClock``.
  func wallClockMilliseconds() -> Int64 { wallClock() * 1_000 }

  /// When a cleanup that failed `attempts` times is tried again.
  func nextAttempt(after attempts: Int, now: Int64) -> Int64 {
    let doublings = min(attempts, 20)
    return now + min(maximumRetrySeconds, firstRetrySeconds << Int64(doublings))
  }
}
