import FederationAPI

/// When to try a server again that cannot be reached: after 100 ms, then three times as long each time, each a
/// little off so that clients which failed together do not come back together.
struct RetrySchedule {
  /// When the fetch as a whole has failed.
  let deadline: MonotonicTime
  private var left: Int
  private var pauseSeconds = 0.1

  init(attempts: Int, timeoutSeconds: Double) {
    deadline = MonotonicTime.now.advanced(bySeconds: timeoutSeconds)
    left = attempts - 1
  }

  /// Waits for the next attempt; false when there is none, for want of attempts or time, or after cancellation.
  mutating func wait() async -> Bool {
    guard left > 0, !Task.isCancelled else { return false }
    left -= 1
    let pause = UInt64(pauseSeconds * Double.random(in: 0.75...1.25) * 1e9)
    pauseSeconds *= 3
    guard MonotonicTime.now.advanced(byNanoseconds: pause) < deadline else { return false }
    do { try await Task.sleep(nanoseconds: pause) } catch { return false }
    return true
  }
}
