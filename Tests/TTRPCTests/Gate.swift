import FederationAPI
import Synchronization

/// Holds calls until a test lets them go, and tells when they arrive and when they are cancelled.
final class Gate: Sendable {
  enum Event: Sendable, Equatable {
    case arrived(String)
    case cancelled(String)
  }

  private struct State {
    var isOpen = false
    var waiters: [String: CheckedContinuation<Void, Never>] = [:]
    var cancelled: Set<String> = []
  }

  let events: AsyncStream<Event>
  private let continuation: AsyncStream<Event>.Continuation
  private let state = Mutex(State())

  init() {
    (events, continuation) = AsyncStream.makeStream()
  }

  /// Waits for ``open()`` or the task's cancellation.
  func wait(_ name: String) async {
    continuation.yield(.arrived(name))
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        let passes = state.withLock { state in
          if state.isOpen || state.cancelled.contains(name) { return true }
          state.waiters[name] = waiter
          return false
        }
        if passes { waiter.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.cancelled.insert(name)
        return state.waiters.removeValue(forKey: name)
      }
      continuation.yield(.cancelled(name))
      waiter?.resume()
    }
  }

  /// Lets all that wait and all that come go.
  func open() {
    let waiters = state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// The next `count` events, sorted by what they say.
  func next(_ count: Int) async -> [Event] {
    var seen: [Event] = []
    for await event in events {
      seen.append(event)
      if seen.count == count { break }
    }
    return seen.sorted { "\($0)" < "\($1)" }
  }
}
