import FederationAPI
import Synchronization

/// Calls on their way from the callers' threads to the connection's loop.
final class ClientQueue: Sendable {
  private struct State {
    var calls: [ClientCall] = []
    var streams: [ClientStream] = []
    var end: RPCError?
  }

  private let state = Mutex(State())

  /// Queues `call`. Returns true when the loop is to be woken: calls that come before it looks need no further
  /// wake-up, and leave in the same write. A call that comes after the end fails at once.
  func submit(_ call: ClientCall) -> Bool {
    let (isFirst, end) = state.withLock { state -> (Bool, RPCError?) in
      if let end = state.end { return (false, end) }
      state.calls.append(call)
      return (state.calls.count == 1, nil)
    }
    if let end { call.finish(.failure(end)) }
    return isFirst
  }

  /// Queues `stream`; one that comes after the end fails at once.
  func submit(_ stream: ClientStream) {
    let end = state.withLock { state -> RPCError? in
      if state.end == nil { state.streams.append(stream) }
      return state.end
    }
    if let end { stream.inbox.finish(end) }
  }

  /// Takes the streams that are queued.
  func takeStreams() -> [ClientStream] {
    state.withLock { state in
      defer { state.streams = [] }
      return state.streams
    }
  }

  /// Takes what is queued.
  func takeAll() -> [ClientCall] {
    state.withLock { state in
      let calls = state.calls
      state.calls = []
      return calls
    }
  }

  /// Fails what is queued, and from now on every call, with `error`. The first end counts.
  func end(_ error: RPCError) {
    let calls = state.withLock { state in
      state.end = state.end ?? error
      let calls = state.calls
      state.calls = []
      return calls
    }
    for call in calls { call.finish(.failure(error)) }
    for stream in takeStreams() { stream.inbox.finish(error) }
  }
}
