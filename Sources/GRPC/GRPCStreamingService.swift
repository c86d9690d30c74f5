import FederationAPI
import HTTP2

/// A service whose calls are answered on the event loop with any number of messages, such as health and reflection.
public protocol GRPCStreamingService: Sendable {
  /// Makes what answers one call of `method`, or nil when there is no such method.
  func call(_ method: String) -> (any GRPCStreamingHandler)?
}

/// What answers one call. Confined to the connection's event loop; it must not block.
public protocol GRPCStreamingHandler: AnyObject {
  /// A message came. Throwing ends the call.
  func received(_ message: RawSpan, on call: GRPCResponder) throws(RPCError)
  /// The caller has said all that it will.
  func inputEnded(on call: GRPCResponder) throws(RPCError)
  /// The server is stopping; by default nothing, for calls that end by themselves.
  func drain(on call: GRPCResponder)
}

extension GRPCStreamingHandler {
  /// Nothing.
  public func drain(on call: GRPCResponder) {}
}

/// Where a streaming call's answer goes.
public struct GRPCResponder {
  let stream: HTTP2Stream
  let limits: GRPCLimits

  /// Sends one message, which is wiped. Throws when it is too large, or when the caller does not read.
  public func send(_ message: consuming [UInt8]) throws(RPCError) {
    if let error = stream.sendMessage(message, limits: limits) { throw error }
  }

  /// Ends the call, with OK where there is no error.
  public func finish(_ error: RPCError? = nil) { stream.finishCall(error) }
}
