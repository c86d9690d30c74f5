import Synchronization

/// The fetches of one store that are under way: whoever asks for what is being fetched waits for the same answer.
///
/// A fetch goes on when those who wait for it have left: its answer is kept for whoever comes next, and its own time
/// bounds it.
final class SharedFetches: Sendable {
  typealias Answer = Result<CachedSecret, BackendError>

  private struct State {
    var flights: [ProviderKey: [OneAnswer<Answer?>]] = [:]
    var waiting = 0
  }

  private let maximumWaiting: Int
  private let state = Mutex(State())

  init(maximumWaiting: Int) { self.maximumWaiting = maximumWaiting }

  /// What came of a call to ``answer(_:fetch:)``.
  enum Outcome: Sendable {
    case answered(Answer)
    /// Too many wait already.
    case full
    /// The task was cancelled.
    case givenUp
  }

  /// Waits for the answer about `key`; `fetch` is called when nobody fetches it yet.
  func answer(_ key: ProviderKey, fetch: @escaping @Sendable () async -> Answer) async -> Outcome {
    let seat = OneAnswer<Answer?>()
    let (isSeated, isFirst) = state.withLock { state in
      guard state.waiting < maximumWaiting else { return (false, false) }
      state.waiting += 1
      let isFirst = state.flights[key] == nil
      state.flights[key, default: []].append(seat)
      return (true, isFirst)
    }
    guard isSeated else { return .full }
    if isFirst { launch(key, fetch) }
    let answer = await seat.wait(givenUp: nil)
    state.withLock { $0.waiting -= 1 }
    return answer.map(Outcome.answered) ?? .givenUp
  }

  /// Fetches `key` for whoever comes, unless somebody does already.
  func begin(_ key: ProviderKey, fetch: @escaping @Sendable () async -> Answer) {
    let isFirst = state.withLock { state in
      guard state.flights[key] == nil else { return false }
      state.flights[key] = []
      return true
    }
    if isFirst { launch(key, fetch) }
  }

  private func launch(_ key: ProviderKey, _ fetch: @escaping @Sendable () async -> Answer) {
    Task {
      let answer = await fetch()
      let seats = state.withLock { $0.flights.removeValue(forKey: key) ?? [] }
      for seat in seats { seat.tell(answer) }
    }
  }
}
