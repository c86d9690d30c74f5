import FederationAPI
import Synchronization

/// Messages of one streaming call on their way from a connection's loop to the task that takes them, and the call's end.
package final class MessageInbox: Sendable {
  private typealias Waiter = CheckedContinuation<Result<[UInt8]?, RPCError>, Never>

  private struct State {
    var messages: [[UInt8]] = []
    var bytes = 0
    var end: Result<[UInt8]?, RPCError>?
    var waiter: Waiter?
  }

  /// Bytes that may wait to be taken.
  private let maximumBytes: Int
  private let state = Mutex(State())

  /// Starts with none.
  package init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

  /// Whether nothing waits to be taken.
  package var isEmpty: Bool { state.withLock { $0.messages.isEmpty } }

  /// Gives a message to whoever takes it. False when too much waits, and then it is dropped.
  package func deliver(_ message: [UInt8]) -> Bool {
    let (isTaken, waiter) = state.withLock { state -> (Bool, Waiter?) in
      guard state.end == nil else { return (true, nil) }
      if let waiter = state.waiter.take() { return (true, waiter) }
      guard state.bytes + message.count <= maximumBytes else { return (false, nil) }
      state.messages.append(message)
      state.bytes += message.count
      return (true, nil)
    }
    waiter?.resume(returning: .success(message))
    return isTaken
  }

  /// Ends the call: what waits is still taken, then comes `error`, or the end. The first end counts.
  package func finish(_ error: RPCError?) {
    let end: Result<[UInt8]?, RPCError> = error.map { .failure($0) } ?? .success(nil)
    let waiter = state.withLock { state -> Waiter? in
      guard state.end == nil else { return nil }
      state.end = end
      return state.waiter.take()
    }
    waiter?.resume(returning: end)
  }

  /// Whether the end is here, though messages may wait before it.
  package var isFinished: Bool { state.withLock { $0.end != nil } }

  /// The next message, nil at the call's end; throws what ended it otherwise, and CANCELLED when the task is cancelled. One
  /// task at a time may wait.
  package func next() async throws(RPCError) -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: Waiter) in
        let known = state.withLock { state -> Result<[UInt8]?, RPCError>? in
          if !state.messages.isEmpty {
            let message = state.messages.removeFirst()
            state.bytes -= message.count
            return .success(message)
          }
          if let end = state.end { return end }
          if Task.isCancelled { return .failure(.givenUp) }
          state.waiter = continuation
          return nil
        }
        if let known { continuation.resume(returning: known) }
      }
    } onCancel: {
      state.withLock { $0.waiter.take() }?.resume(returning: .failure(.givenUp))
    }
    return try result.get()
  }
}

extension RPCError {
  /// The caller's own doing.
  package static let givenUp = RPCError(.cancelled, "the caller gave the call up")
}
