import Synchronization

/// How many exchanges with one backend run at once; the others wait in line.
final class RequestSlots: Sendable {
  private struct State {
    var free: Int
    var line: [OneAnswer<Bool>] = []
    var first = 0
  }

  private let state: Mutex<State>

  init(_ count: Int) { state = Mutex(State(free: count)) }

  /// Runs `body` when its turn has come.
  func run<Value>(_ body: () async -> Value) async -> Value {
    let turn: OneAnswer<Bool>? = state.withLock { state in
      guard state.free == 0 else {
        state.free -= 1
        return nil
      }
      let turn = OneAnswer<Bool>()
      state.line.append(turn)
      return turn
    }
    // A fetch is never cancelled: the one before it in line passes its slot on.
    if let turn { _ = await turn.wait(givenUp: false) }
    defer { release() }
    return await body()
  }

  private func release() {
    let next: OneAnswer<Bool>? = state.withLock { state in
      guard state.first < state.line.count else {
        state.free += 1
        return nil
      }
      defer {
        state.first += 1
        if state.first == state.line.count {
          state.line.removeAll(keepingCapacity: true)
          state.first = 0
        }
      }
      return state.line[state.first]
    }
    next?.tell(true)
  }
}
