/// When a daemon comes to its server again: after an interval, or sooner when it came in vain.
public struct RefreshSchedule: Sendable {
  /// What each pause is multiplied by: clients that started together do not come together for ever.
  static let jitter = 0.9...1.1
  private static let firstBackoff = 1.0

  private let interval: Double
  private var backoff: Double

  /// Makes the schedule; `intervalSeconds` is the time between two refreshes.
  public init(intervalSeconds: Double) {
    interval = intervalSeconds
    backoff = min(Self.firstBackoff, interval)
  }

  /// The pause after a refresh: the interval, and after failures one second, then twice as long each time, up to the
  /// interval. `position` says where in the jitter's range it lies, from 0 to 1.
  mutating func pause(succeeded: Bool, position: Double = .random(in: 0...1)) -> Duration {
    let pause = succeeded ? interval : backoff
    backoff = succeeded ? min(Self.firstBackoff, interval) : min(backoff * 2, interval)
    return .seconds(pause * (Self.jitter.lowerBound + position * (Self.jitter.upperBound - Self.jitter.lowerBound)))
  }
}
