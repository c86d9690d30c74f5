import FederationAPI
import Transport

/// The calls of one connection that wait for a task. Calls that are answered at once never come here.
struct RunningCalls {
  /// What is counted of a call when it ends.
  struct Asked {
    let method: CallMethod
    let at: MonotonicTime
  }

  private struct Call {
    var task: Task<Void, Never>
    var asked: Asked
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
    _ streamID: UInt32, _ task: Task<Void, Never>, _ asked: Asked, deadline: MonotonicTime?
  ) -> MonotonicTime? {
    calls[streamID] = Call(task: task, asked: asked, deadline: deadline)
    taskCount += 1
    return deadline.flatMap { timer.wakeUp(for: $0, now: asked.at) }
  }

  /// A task has ended. Returns its call if that still waits for the answer.
  mutating func taskEnded(_ streamID: UInt32) -> Asked? {
    taskCount -= 1
    return calls.removeValue(forKey: streamID)?.asked
  }

  /// Gives a call up: cancels its task, whose answer will find nobody. Returns the call if it was running.
  mutating func cancel(_ streamID: UInt32) -> Asked? {
    guard let call = calls.removeValue(forKey: streamID) else { return nil }
    call.task.cancel()
    return call.asked
  }

  /// Gives up every call, and returns them.
  mutating func cancelAll() -> [Asked] {
    defer { calls = [:] }
    return calls.values.map { call in
      call.task.cancel()
      return call.asked
    }
  }

  /// Gives up the calls whose deadline has passed, and returns them, earliest first, and when to wake next.
  mutating func expire(now: MonotonicTime) -> (expired: [(streamID: UInt32, asked: Asked)], wakeUp: MonotonicTime?) {
    timer.fired(now: now)
    var expired: [(streamID: UInt32, asked: Asked, deadline: MonotonicTime)] = []
    var earliest: MonotonicTime?
    for (streamID, call) in calls {
      guard let deadline = call.deadline else { continue }
      if deadline <= now {
        expired.append((streamID, call.asked, deadline))
      } else {
        earliest = min(earliest ?? deadline, deadline)
      }
    }
    for call in expired { _ = cancel(call.streamID) }
    expired.sort { $0.deadline < $1.deadline }
    return (expired.map { ($0.streamID, $0.asked) }, earliest.flatMap { timer.wakeUp(for: $0, now: now) })
  }
}
