import Synchronization

/// One event loop, as seen by what runs on it.
public struct LoopView {
  let loop: EventLoop

  /// What it counted of connections.
  public var counts: LoopCounts { loop.counts }

  /// What ``Connection/loopState(of:make:)`` made for `owner` on this loop; nil when no connection has asked for it yet.
  public func state(of owner: AnyObject) -> AnyObject? { loop.state(of: owner) { nil } }
}

/// What became of a question to one event loop.
public enum LoopAnswer<Value: Sendable>: Sendable {
  /// Its answer.
  case given(Value)
  /// It has ended, as loops without connections do in a drain.
  case ended
  /// It did not come to it in time.
  case late
}

extension LoopAnswer: Equatable where Value: Equatable {}

/// One question to all loops of a group, and those who have answered.
final class LoopQuestion<Value: Sendable>: Sendable {
  private struct State {
    var answers: [LoopAnswer<Value>?]
    var waiter: CheckedContinuation<[LoopAnswer<Value>], Never>?
    var isGivenUp = false

    /// Whom to tell, once there is nothing more to wait for.
    mutating func takeWaiter() -> (
      waiter: CheckedContinuation<[LoopAnswer<Value>], Never>, answers: [LoopAnswer<Value>]
    )? {
      guard isGivenUp || answers.allSatisfy({ $0 != nil }), let waiter = waiter.take() else { return nil }
      return (waiter, answers.map { $0 ?? .late })
    }
  }

  private let state: Mutex<State>

  init(loops: Int) { state = Mutex(State(answers: Array(repeating: nil, count: loops))) }

  func answer(_ loop: Int, _ answer: LoopAnswer<Value>) {
    tell { $0.answers[loop] = answer }
  }

  func giveUp() {
    tell { $0.isGivenUp = true }
  }

  /// Waits for all answers, or until ``giveUp()``. To be called once.
  func wait() async -> [LoopAnswer<Value>] {
    await withCheckedContinuation { continuation in
      tell { $0.waiter = continuation }
    }
  }

  private func tell(_ change: (inout State) -> Void) {
    let ended = state.withLock { state in
      change(&state)
      return state.takeWaiter()
    }
    ended?.waiter.resume(returning: ended?.answers ?? [])
  }
}
