import FederationAPI
import Transport

/// The calls of one connection that wait for a task. Calls that are answered at once never come here.
struct RunningCalls {
  private struct Call {
    var task: Task<Void, Never>
    var deadline: MonotonicTime?
  }

  private var calls: [UInt32: Call] = [:]
  /// Tasks that have not ended. A task whose call is over may go on for a while after it was cancelled, and
  /// counts until it has ended, so that calls with short deadlines cannot pile tasks up.
  private(set) var taskCount = 0
  private(set) var timer = DeadlineTimer()

  /// Whether no call waits for its answer.
  var isEmpty: Bool { calls.isEmpty }

  /// Notes a call that `task` will answer. Returns when to wake for its deadline, if a timer is to be set.
  mutating func start(
    _ streamID: UInt32, _ task: Task<Void, Never>, deadline: MonotonicTime?, now: MonotonicTime
  ) -> MonotonicTime? {
    calls[streamID] = Call(task: task, deadline: deadline)
    taskCount += 1
    return deadline.flatMap { timer.wakeUp(for: $0, now: now) }
  }

  /// A task has ended. Returns whether its call still waits for the answer.
  mutating func taskEnded(_ streamID: UInt32) -> Bool {
    taskCount -= 1
    return calls.removeValue(forKey: streamID) != nil
  }

  /// Gives a call up: cancels its task, whose answer will find nobody. Returns whether the call was running.
  mutating func cancel(_ streamID: UInt32) -> Bool {
    guard let call = calls.removeValue(forKey: streamID) else { return false }
    call.task.cancel()
    return true
  }

  /// Gives up every call.
  mutating func cancelAll() {
    for call in calls.values { call.task.cancel() }
    calls = [:]
  }

  /// Gives up the calls whose deadline has passed, and returns them, earliest first, and when to wake next.
  mutating func expire(now: MonotonicTime) -> (expired: [UInt32], wakeUp: MonotonicTime?) {
    timer.fired(now: now)
    var expired: [(streamID: UInt32, deadline: MonotonicTime)] = []
    var earliest: MonotonicTime?
    for (streamID, call) in calls {
      guard let deadline = call.deadline else { continue }
      if deadline <= now {
        expired.append((streamID, deadline))
      } else {
        earliest = min(earliest ?? deadline, deadline)
      }
    }
    for call in expired { _ = cancel(call.streamID) }
    expired.sort { $0.deadline < $1.deadline }
    return (expired.map(\.streamID), earliest.flatMap { timer.wakeUp(for: $0, now: now) })
  }
}
