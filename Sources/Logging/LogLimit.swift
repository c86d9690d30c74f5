import Synchronization

/// Lets so many lines a second through and counts the others: for events that anybody outside can cause, so that a
/// flood of bad requests does not become a flood of lines.
public final class LogLimit: Sendable {
  private struct Window {
    var start: UInt64?
    var passed = 0
    var suppressed = 0
  }

  private let linesPerSecond: Int
  private let window = Mutex(Window())

  /// Lets `linesPerSecond` lines through in each second.
  public init(linesPerSecond: Int) { self.linesPerSecond = linesPerSecond }

  /// Whether a line may be written at `nanoseconds` of a monotonic clock: nil when not, else how many were held back
  /// in the second before, to be told with the first line after it.
  public func admit(at nanoseconds: UInt64) -> Int? {
    window.withLock { window in
      var suppressedBefore = 0
      if window.start.map({ nanoseconds >= $0 &+ 1_000_000_000 }) ?? true {
        suppressedBefore = window.suppressed
        window = Window(start: nanoseconds)
      }
      guard window.passed < linesPerSecond else {
        window.suppressed += 1
        return nil
      }
      window.passed += 1
      return suppressedBefore
    }
  }
}
