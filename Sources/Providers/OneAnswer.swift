import FederationAPI
import Synchronization

/// What one task waits for and another tells, in whichever order they come. The first answer counts.
final class OneAnswer<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiter: CheckedContinuation<Value, Never>?
  }

  private let state = Mutex(State())

  /// Answers; false when it was answered before.
  @discardableResult func tell(_ value: Value) -> Bool {
    let (isFirst, waiter) = state.withLock { state in
      guard state.value == nil else { return (false, CheckedContinuation<Value, Never>?.none) }
      state.value = value
      return (true, state.waiter.take())
    }
    waiter?.resume(returning: value)
    return isFirst
  }

  /// Waits; `givenUp` is the answer when the task is cancelled before another one came.
  func wait(givenUp: Value) async -> Value {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let value = state.withLock { state in
          if state.value == nil { state.waiter = continuation }
          return state.value
        }
        if let value { continuation.resume(returning: value) }
      }
    } onCancel: {
      tell(givenUp)
    }
  }

  /// As the other form, and until `end` at most: `late` is the answer when none came before.
  func wait(until end: MonotonicTime, late: Value, givenUp: Value) async -> Value {
    let timer = Task {
      try? await Task.sleep(for: .nanoseconds(MonotonicTime.now.nanoseconds(until: end)))
      if !Task.isCancelled { tell(late) }
    }
    defer { timer.cancel() }
    return await wait(givenUp: givenUp)
  }
}
