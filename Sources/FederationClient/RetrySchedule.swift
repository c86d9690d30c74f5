import FederationAPI

/// When to try a server again that cannot be reached: after 100 ms, then three times as long each time, each a
/// little off so that clients which failed together do not come back together. Where the server says how long to wait,
/// not before that.
struct RetrySchedule {
  /// When the fetch as a whole has failed.
  let deadline: MonotonicTime
  private var left: Int
  private var pauseSeconds = RetrySchedule.firstPauseSeconds
  private static let firstPauseSeconds = 0.1

  init(attempts: Int, timeoutSeconds: Double) {
    deadline = MonotonicTime.now.advanced(bySeconds: timeoutSeconds)
    left = attempts - 1
  }

  /// Waits for the next attempt; false when there is none, for want of attempts or time, or after cancellation.
  ///
  /// Attempts that the server asked to make later, after `advice` seconds, are bounded by time alone.
  mutating func wait(advice: Double? = nil) async -> Bool {
    guard advice != nil || left > 0, !Task.isCancelled else { return false }
    let seconds: Double
    if let advice {
      seconds = max(advice, Self.firstPauseSeconds) * .random(in: 1...1.5)
    } else {
      left -= 1
      seconds = pauseSeconds * .random(in: 0.75...1.25)
      pauseSeconds *= 3
    }
    let pause = UInt64(seconds * 1e9)
    guard MonotonicTime.now.advanced(byNanoseconds: pause) < deadline else { return false }
    do { try await Task.sleep(nanoseconds: pause) } catch { return false }
    return true
  }
}
