import FederationAPI

/// One streaming call: messages each way, encoded. Confined to the event loop of its connection, as ``SecretWatch`` is.
public protocol RPCStream: AnyObject {
  /// A message came; valid only during the call. Throwing ends the call.
  func received(_ message: RawSpan) throws(RPCError)

  /// The caller sends no more. Throwing ends the call.
  func inputEnded() throws(RPCError)

  /// What is to be sent now; asked only while there is room for it.
  func next() -> RPCStreamStep

  /// The server is stopping.
  func drain()

  /// The call is over, whoever ended it.
  func close()
}

/// What a streaming call has for its wire.
public enum RPCStreamStep: Sendable {
  /// A message to be sent. It may hold a secret; the wire wipes it after sending.
  case message([UInt8])
  /// Nothing before the stream's `wake` is called.
  case wait
  /// The call ends so.
  case end(RPCError)
}
