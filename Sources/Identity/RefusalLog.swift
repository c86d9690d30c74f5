import FederationAPI
import Logging
import Synchronization

/// Says in the log why tokens were refused, at most so many lines a second: a flood of bad tokens must not become
/// a flood of lines.
final class RefusalLog: Sendable {
  private struct Window {
    var start: MonotonicTime?
    var written = 0
    var suppressed = 0
  }

  /// Lines a second.
  static let linesPerSecond = 20
  private let window = Mutex(Window())
  private let log: Log
  private let clock: @Sendable () -> MonotonicTime

  init(log: Log, clock: @escaping @Sendable () -> MonotonicTime) {
    self.log = log
    self.clock = clock
  }

  func refused(_ reason: String, peer: String) {
    let now = clock()
    let suppressedBefore: Int? = window.withLock { window in
      var suppressedBefore = 0
      if window.start.map({ now >= $0.advanced(bySeconds: 1) }) ?? true {
        suppressedBefore = window.suppressed
        window = Window(start: now)
      }
      guard window.written < Self.linesPerSecond else {
        window.suppressed += 1
        return nil
      }
      window.written += 1
      return suppressedBefore
    }
    guard let suppressedBefore else { return }
    log.write(
      .info, "authentication_refused", ["peer": peer, "reason": reason, "suppressed_before": "\(suppressedBefore)"])
  }
}
