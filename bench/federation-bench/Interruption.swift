import Synchronization

/// Somebody's wish that the program ends, for commands that run until then.
final class Interruption: Sendable {
  private let waiter = Mutex<CheckedContinuation<Void, Never>?>(nil)

  /// Returns when the program is to end.
  func wait() async {
    await withCheckedContinuation { continuation in waiter.withLock { $0 = continuation } }
  }

  /// False when nobody waits for it, or somebody was told already: then there is nothing to be ended in order.
  func interrupt() -> Bool {
    let waiting = waiter.withLock { $0.take() }
    waiting?.resume()
    return waiting != nil
  }
}
