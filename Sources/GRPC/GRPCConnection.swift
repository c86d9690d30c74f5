import FederationAPI
import FederationProto
import HTTP1
import HTTP2
import Logging
import Transport

/// Serves gRPC calls (gRPC over HTTP/2) on one connection, and hands what is no gRPC to an HTTP responder.
public final class GRPCConnection: HTTP2Application {
  private let dispatcher: any RPCDispatcher
  private let streaming: [String: any GRPCStreamingService]
  private let responder: any HTTPResponder
  private let limits: GRPCLimits
  private let identity: ConnectionIdentity?
  private var session: (any ImmediateSession)?

  /// Calls of `streaming`, services by full name, go there; all others go to `dispatcher`, and plain requests to
  /// `responder`. `identity` is the peer's where the connection has proved it; without one none is bound, since behind a
  /// proxy one connection carries many callers.
  public init(
    dispatcher: any RPCDispatcher, streaming: [String: any GRPCStreamingService] = [:], responder: any HTTPResponder,
    identity: ConnectionIdentity? = nil, limits: GRPCLimits = GRPCLimits()
  ) {
    self.dispatcher = dispatcher
    self.streaming = streaming
    self.responder = responder
    self.identity = identity
    self.limits = limits
  }

  /// Finds what this loop answers from memory.
  public func opened(_ connection: Connection) {
    guard let owner = dispatcher.owner else { return }
    let answers = connection.loopState(of: owner) { dispatcher.makeImmediateAnswers() }
    session = (answers as? any ImmediateAnswers)?.session(binding: identity, peer: connection.peer)
  }

  /// Chooses by content type and path.
  public func handler(for head: HTTP2RequestHead, on stream: HTTP2Stream) -> any HTTP2StreamHandler {
    guard isGRPC(head.fields["content-type"] ?? "") else {
      guard namesService(head.path) else { return HTTPExchange(responder: responder, head: head, on: stream) }
      stream.discardAllowance = limits.messageBytes
      stream.respond(status: 415, [], isLast: true)
      return AnsweredCall()
    }
    guard head.method == "POST" else {
      stream.respond(status: 405, [HTTPFields.Field(name: "allow", value: "POST")], isLast: true)
      return AnsweredCall()
    }
    var counted = CallMethod.other
    do throws(RPCError) {
      let request = try GRPCRequest(head)
      counted = method(of: request)
      if let timeout = request.timeoutNanoseconds {
        guard timeout > 0 else { throw .deadlinePassed }
        stream.expire(at: (stream.connection?.now ?? .now).advanced(byNanoseconds: timeout))
      }
      if request.method.utf8.count <= Self.nameBytes, let call = service(request.service)?.call(request.method) {
        return StreamingCall(request, method: counted, call: call, limits: limits, on: stream)
      }
      if dispatcher.isStream(service: request.service, method: request.method) {
        return try streamingCall(request, counted, on: stream)
      }
      return UnaryCall(
        request, method: counted, dispatcher: dispatcher, session: session, identity: identity, limits: limits)
    } catch {
      stream.finishCall(error, of: counted)
      return AnsweredCall()
    }
  }

  /// What the request is counted as.
  private func method(of request: GRPCRequest) -> CallMethod {
    let known = CallMethod(
      service: request.service.utf8.span.bytes, method: request.method.utf8.span.bytes)
    guard known == .other, service(request.service) != nil else { return known }
    return request.service == HealthService.name ? .health : .reflection
  }

  private func streamingCall(
    _ request: GRPCRequest, _ method: CallMethod, on stream: HTTP2Stream
  ) throws(RPCError) -> StreamingCall {
    let reference = stream.reference
    let context = CallContext(
      authorization: request.authorization, workloadToken: request.workloadToken, peer: stream.connection?.peer ?? "",
      deadline: stream.deadline, binding: identity)
    let call = try dispatcher.stream(service: request.service, method: request.method, context: context) {
      reference?.run { stream in (stream.handler as? StreamingCall)?.pump(stream) }
    }
    return StreamingCall(request, method: method, call: RPCStreamCall(call), limits: limits, on: stream)
  }

  /// RESOURCE_EXHAUSTED to whoever said that this is gRPC, and 431 to others.
  public func refuseHeaders(_ head: HTTP2RequestHead, on stream: HTTP2Stream) {
    if isGRPC(head.fields["content-type"] ?? "") {
      stream.finishCall(RPCError(.resourceExhausted, "the call's metadata is too large"), of: .other)
    } else {
      stream.respond(status: 431, [], isLast: true)
    }
  }

  /// `application/grpc` and `application/grpc+proto`, with or without parameters; other codecs are not spoken.
  private func isGRPC(_ contentType: String) -> Bool {
    var type = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }
    while type.last == UInt8(ascii: " ") { type = type.dropLast() }
    guard type.count <= Self.nameBytes else { return false }
    return ["application/grpc", "application/grpc+proto"].contains(String(Substring(type)).lowercased())
  }

  /// Whether the path is one of a service here, so that its content type is what is wrong.
  private func namesService(_ path: String) -> Bool {
    let name = String(Substring(path.utf8.dropFirst().prefix { $0 != UInt8(ascii: "/") }))
    return name.utf8.elementsEqual(FederationMethod.service.utf8) || service(name) != nil
  }

  /// No long name is hashed: String's hash takes time with the square of a run of combining marks.
  private func service(_ name: String) -> (any GRPCStreamingService)? {
    name.utf8.count <= Self.nameBytes ? streaming[name] : nil
  }

  private static let nameBytes = 128
}

/// A stream whose answer was sent with its head.
private final class AnsweredCall: HTTP2StreamHandler {
  func received(_ bytes: RawSpan, on stream: HTTP2Stream) { stream.consume(bytes.byteCount) }
  func inputEnded(on stream: HTTP2Stream) {}
  func expired(_ expiry: HTTP2Stream.Expiry, on stream: HTTP2Stream) {}
}
