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
  /// There may be more to send, or room for it again; by default nothing, for calls that answer what they receive.
  func pump(on call: GRPCResponder)
  /// The server is stopping; by default nothing, for calls that end by themselves.
  func drain(on call: GRPCResponder)
  /// The call is over, whoever ended it; by default nothing.
  func closed()
  /// Whether a caller that sends nothing for long is given up; by default it is.
  var endsWhenSilent: Bool { get }
}

extension GRPCStreamingHandler {
  /// Nothing.
  public func pump(on call: GRPCResponder) {}
  /// Nothing.
  public func closed() {}
  /// It is.
  public var endsWhenSilent: Bool { true }
  /// Nothing.
  public func drain(on call: GRPCResponder) {}
}

/// Where a streaming call's answer goes.
public struct GRPCResponder {
  let stream: HTTP2Stream
  let method: CallMethod
  let limits: GRPCLimits

  /// Sends one message, which is wiped. Throws when it is too large, or when the caller does not read.
  public func send(_ message: consuming [UInt8]) throws(RPCError) {
    if let error = stream.sendMessage(message, limits: limits) { throw error }
    if method.asksWhoCalls { stream.connection?.notePeerProved() }
  }

  /// Whether further messages should wait for ``GRPCStreamingHandler/pump(on:)``.
  public var isFull: Bool { stream.isOutputFull }

  /// Whether the call has ended.
  public var isFinished: Bool { stream.isAnswered }

  /// Ends the call, with OK where there is no error.
  public func finish(_ error: RPCError? = nil) { stream.finishCall(error, of: method) }
}
