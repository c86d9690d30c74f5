import FederationAPI

/// What the RPC wires call: bytes in, bytes out, by full service name and bare method name.
public protocol RPCDispatcher: Sendable {
  /// Answers one unary call.
  ///
  /// Called on an event loop, so it must not block. `payload` is the encoded request, valid only during the call.
  /// The answer's array may hold a secret; the wire wipes it after sending.
  func call(service: String, method: String, payload: RawSpan, context: CallContext) -> Reply<[UInt8]>

  /// Whether a call is one that ``stream(service:method:context:wake:)`` takes.
  func isStream(service: String, method: String) -> Bool

  /// Begins one streaming call; throws UNIMPLEMENTED where there is none of that name. `wake` is called, from any thread,
  /// when the call has something to say after it had not.
  func stream(
    service: String, method: String, context: CallContext, wake: @escaping @Sendable () -> Void
  ) throws(RPCError) -> any RPCStream

  /// Whose ``makeImmediateAnswers()`` are; nil when there are none.
  var owner: AnyObject? { get }

  /// Makes what the calls of one event loop may be answered from at once, by
  /// ``immediateAnswer(service:method:payload:authorization:session:now:)``; nil when every call goes through
  /// ``call(service:method:payload:context:)``.
  func makeImmediateAnswers() -> (any ImmediateAnswers)?

  /// Answers one call from memory, or nil when it has to be called: because it needs more, because something is wrong
  /// with it, or because nobody looked closely enough to know.
  ///
  /// `authorization` is that metadata as it came, empty when there was none; a call with `x-workload-token` must not be
  /// asked here.
  func immediateAnswer(
    service: RawSpan, method: RawSpan, payload: RawSpan, authorization: RawSpan, session: any ImmediateSession,
    now: MonotonicTime
  ) -> EncodedSecret?
}

extension RPCDispatcher {
  /// None is.
  public func isStream(service: String, method: String) -> Bool { false }

  /// UNIMPLEMENTED.
  public func stream(
    service: String, method: String, context: CallContext, wake: @escaping @Sendable () -> Void
  ) throws(RPCError) -> any RPCStream {
    throw RPCError(.unimplemented, "method \(method.prefix(64)) is no streaming call")
  }

  /// Nobody.
  public var owner: AnyObject? { nil }

  /// None.
  public func makeImmediateAnswers() -> (any ImmediateAnswers)? { nil }

  /// None.
  public func immediateAnswer(
    service: RawSpan, method: RawSpan, payload: RawSpan, authorization: RawSpan, session: any ImmediateSession,
    now: MonotonicTime
  ) -> EncodedSecret? { nil }
}
