import Synchronization

/// Somebody's wish that the program ends, for commands that run until then.
final class Interruption: Sendable {
  private enum State {
    /// Nothing is to be ended in order.
    case unexpected
    case expected
    case awaited(CheckedContinuation<Void, Never>)
    case told
  }

  private let state = Mutex(State.unexpected)

  /// Says that ``wait()`` follows: a wish that comes before it is not lost. To be called before the program says that it
  /// is ready.
  func expect() { state.withLock { $0 = .expected } }

  /// Returns when the program is to end.
  func wait() async {
    await withCheckedContinuation { continuation in
      let isTold = state.withLock { state in
        if case .told = state { return true }
        state = .awaited(continuation)
        return false
      }
      if isTold { continuation.resume() }
    }
  }

  /// False when nobody waits for it, or somebody was told already: then there is nothing to be ended in order.
  func interrupt() -> Bool {
    let (isAwaited, waiting) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
      defer { state = .told }
      switch state {
      case .unexpected, .told: return (false, nil)
      case .expected: return (true, nil)
      case .awaited(let continuation): return (true, continuation)
      }
    }
    waiting?.resume()
    return isAwaited
  }
}
