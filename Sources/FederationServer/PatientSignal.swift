import Synchronization

/// A signal that may be given before there is anybody to answer it, and is answered then.
final class PatientSignal: Sendable {
  private struct State {
    var isWaiting = false
    var answer: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// Has it answered, now or later.
  func give() {
    let answer = state.withLock { state in
      state.isWaiting = state.answer == nil
      return state.answer
    }
    answer?()
  }

  /// Calls `answer` from now on, at once when the signal was given before.
  func answer(_ answer: @escaping @Sendable () -> Void) {
    let isWaiting = state.withLock { state in
      state.answer = answer
      return state.isWaiting
    }
    if isWaiting { answer() }
  }
}
