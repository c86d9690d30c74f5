import Synchronization

/// One fetch under way and those who wait for it. Who leaves early does not end it: the others need it.
final class KeySetFlight: Sendable {
  private struct State {
    var isFinished = false
    var nextTicket = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var gaveUp: Set<Int> = []
  }

  private let state = Mutex(State())

  /// Returns when the fetch is over or the task is cancelled.
  func wait() async {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isFinished || state.gaveUp.remove(ticket) != nil { return true }
          state.waiters[ticket] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let continuation = state.withLock { state in
        let continuation = state.waiters.removeValue(forKey: ticket)
        if continuation == nil && !state.isFinished { state.gaveUp.insert(ticket) }
        return continuation
      }
      continuation?.resume()
    }
  }

  /// Lets all go on who wait, now and later.
  func finish() {
    let waiters = state.withLock { state in
      state.isFinished = true
      defer { state.waiters = [:] }
      return state.waiters
    }
    for continuation in waiters.values { continuation.resume() }
  }
}
