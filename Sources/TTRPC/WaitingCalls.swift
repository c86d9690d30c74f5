import FederationAPI

/// Calls of a client that are to be sent, oldest first.
struct WaitingCalls {
  private var calls: [ClientCall] = []
  private var first = 0

  /// Whether no call waits.
  var isEmpty: Bool { first == calls.count }

  /// The earliest deadline of those that wait.
  var earliestDeadline: MonotonicTime? { calls[first...].lazy.compactMap(\.deadline).min() }

  /// Adds a call at the end.
  mutating func append(_ call: ClientCall) { calls.append(call) }

  /// Takes the oldest call whose caller still waits.
  mutating func next() -> ClientCall? {
    while first < calls.count {
      let call = calls[first]
      first += 1
      if first == calls.count || first >= 1_024 {
        calls.removeFirst(first)
        first = 0
      }
      if !call.isFinished { return call }
    }
    return nil
  }

  /// Ends the calls whose deadline has passed.
  mutating func expire(now: MonotonicTime) {
    calls.removeSubrange(..<first)
    first = 0
    calls.removeAll { call in
      guard let deadline = call.deadline, deadline <= now else { return false }
      call.finish(.failure(.deadlinePassed))
      return true
    }
  }

  /// Ends every call.
  mutating func failAll(_ error: RPCError) {
    for call in calls[first...] { call.finish(.failure(error)) }
    calls = []
    first = 0
  }
}
