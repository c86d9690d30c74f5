/// A client of an RPC wire that has streaming calls.
public protocol RPCStreaming: Sendable {
  /// Opens a call that carries messages both ways; its first message is `first`. Metadata keys are lower-case.
  ///
  /// Nothing is awaited: what goes wrong, the connection included, ends the stream. Throws RESOURCE_EXHAUSTED for a message
  /// over the limit and DEADLINE_EXCEEDED for a timeout that has passed.
  func openStream(
    service: String, method: String, first: [UInt8], metadata: [(key: String, value: String)],
    timeoutNanoseconds: Int64?
  ) throws(RPCError) -> any RPCClientStream
}

/// One streaming call of a client.
public protocol RPCClientStream: Sendable {
  /// Sends a further message; it is dropped when the call is over.
  func send(_ message: [UInt8])

  /// The next message, nil when the server ended the call with OK. Throws what it ended it with otherwise, UNAVAILABLE when
  /// the connection is lost, and CANCELLED when the task is cancelled. One task at a time may wait.
  func next() async throws(RPCError) -> [UInt8]?

  /// Gives the call up; ``next()`` ends with CANCELLED.
  func cancel()
}
