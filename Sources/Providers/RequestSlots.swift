import FederationAPI
import Synchronization

/// How many exchanges with one backend run at once; the others wait in line, each until its own deadline.
final class RequestSlots: Sendable {
  fileprivate struct State {
    var free: Int
    /// By the number that each drew; who left is not in it any more.
    var line: [UInt64: OneAnswer<Bool>] = [:]
    var first: UInt64 = 0
    var next: UInt64 = 0
  }

  private let state: Mutex<State>

  init(_ count: Int) { state = Mutex(State(free: count)) }

  /// How many wait in line.
  var waiting: Int { state.withLock { $0.line.count } }

  /// Runs `body` when its turn has come. Nil when it had not by `deadline`, or before the task was cancelled; with a slot
  /// `body` is not cancelled by this.
  func run<Value>(by deadline: MonotonicTime, _ body: () async -> Value) async -> Value? {
    guard await enter(by: deadline) else { return nil }
    defer { release() }
    return await body()
  }

  private func enter(by deadline: MonotonicTime) async -> Bool {
    let place: (number: UInt64, turn: OneAnswer<Bool>)? = state.withLock { state in
      guard state.free == 0 else {
        state.free -= 1
        return nil
      }
      let turn = OneAnswer<Bool>()
      defer { state.next += 1 }
      state.line[state.next] = turn
      return (state.next, turn)
    }
    guard let (number, turn) = place else { return true }
    let end = Task {
      try? await Task.sleep(for: .nanoseconds(MonotonicTime.now.nanoseconds(until: deadline)))
      if !Task.isCancelled { turn.tell(false) }
    }
    defer { end.cancel() }
    if await turn.wait(givenUp: false) { return true }
    state.withLock { $0.line[number] = nil }
    return false
  }

  private func release() {
    // Who was told to leave, and has not yet, does not take the slot.
    while let next = state.withLock({ $0.takeFirst() }) { if next.tell(true) { return } }
  }
}

extension RequestSlots.State {
  /// Who is first in line, who then has the slot; nil, with the slot free again, when nobody is.
  fileprivate mutating func takeFirst() -> OneAnswer<Bool>? {
    while first < next {
      defer { first += 1 }
      if let turn = line.removeValue(forKey: first) { return turn }
    }
    free += 1
    return nil
  }
}
