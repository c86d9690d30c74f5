import FederationAPI

/// What the RPC wires call: bytes in, bytes out, by full service name and bare method name.
public protocol RPCDispatcher: Sendable {
  /// Answers one unary call.
  ///
  /// Called on an event loop, so it must not block. `payload` is the encoded request, valid only during the call.
  /// The answer's array may hold a secret; the wire wipes it after sending.
  func call(service: String, method: String, payload: RawSpan, context: CallContext) -> Reply<[UInt8]>
}
