import FederationAPI
import FederationProto
import HTTP2
import Transport

/// A call with one message each way, answered by the dispatcher that every RPC wire asks.
final class UnaryCall: HTTP2StreamHandler {
  private let request: GRPCRequest
  private let method: CallMethod
  private let dispatcher: any RPCDispatcher
  private let session: (any ImmediateSession)?
  private let identity: ConnectionIdentity?
  private let limits: GRPCLimits
  private var reader: MessageReader

  init(
    _ request: GRPCRequest, method: CallMethod, dispatcher: any RPCDispatcher, session: (any ImmediateSession)?,
    identity: ConnectionIdentity?, limits: GRPCLimits
  ) {
    self.request = request
    self.method = method
    self.dispatcher = dispatcher
    self.session = session
    self.identity = identity
    self.limits = limits
    reader = MessageReader(maximum: limits.messageBytes)
    reader.acceptsGzip = request.isGzip
  }

  func received(_ bytes: RawSpan, on stream: HTTP2Stream) {
    stream.consume(bytes.byteCount)
    guard stream.keep(bytes.byteCount) else { return finish(.tooMuchUnfinished, on: stream) }
    do throws(RPCError) {
      try reader.append(bytes)
      // A second message, or one that never ends: more than one whole message is no unary call.
      if reader.unfinished > limits.messageBytes + 5 { throw .notUnary }
    } catch {
      finish(error, on: stream)
    }
  }

  func inputEnded(on stream: HTTP2Stream) {
    stream.releaseKept()
    do throws(RPCError) {
      guard var message = try reader.next(), reader.unfinished == 0 else { throw .notUnary }
      defer { message.wipe() }
      try call(message.span.bytes, on: stream)
    } catch {
      finish(error, on: stream)
    }
  }

  private func call(_ payload: RawSpan, on stream: HTTP2Stream) throws(RPCError) {
    guard let connection = stream.connection else { return }
    if let answer = immediateAnswer(payload, now: connection.now) {
      return finish(stream.sendMessage(answer, limits: limits), on: stream)
    }
    let context = CallContext(
      authorization: request.authorization, workloadToken: request.workloadToken, peer: connection.peer,
      deadline: stream.deadline, binding: identity)
    let reply = dispatcher.call(
      service: request.service, method: request.method, payload: payload, context: context)
    switch consume reply {
    case .ready(let result): answer(result, on: stream)
    case .pending(let work):
      let isRunning = stream.perform(work) { result, stream in
        (stream.handler as? UnaryCall)?.answer(result, on: stream)
      }
      guard isRunning else {
        throw RPCError(.resourceExhausted, "too many calls are running on this connection; wait, or use another")
      }
    }
  }

  private func immediateAnswer(_ payload: RawSpan, now: MonotonicTime) -> EncodedSecret? {
    // None at all is left to the connection's own identity; one that is empty is refused.
    guard let session, request.workloadToken == nil, request.authorization?.isEmpty != true else { return nil }
    let authorization = request.authorization ?? ""
    return dispatcher.immediateAnswer(
      service: request.service.utf8.span.bytes, method: request.method.utf8.span.bytes, payload: payload,
      authorization: authorization.utf8.span.bytes, session: session, now: now)
  }

  private func answer(_ result: consuming Result<[UInt8], RPCError>, on stream: HTTP2Stream) {
    switch consume result {
    case .success(let message): finish(stream.sendMessage(message, limits: limits), on: stream)
    case .failure(let error): finish(error, on: stream)
    }
  }

  private func finish(_ error: RPCError?, on stream: HTTP2Stream) { stream.finishCall(error, of: method) }

  func closed(_ stream: HTTP2Stream) { stream.callClosed(method) }

  func expired(_ expiry: HTTP2Stream.Expiry, on stream: HTTP2Stream) {
    stream.cancelTask()
    switch expiry {
    case .deadline: finish(.deadlinePassed, on: stream)
    case .input: finish(RPCError(.deadlineExceeded, "the request did not come in time"), on: stream)
    }
  }
}

extension RPCError {
  static let notUnary = RPCError(.internal, "a unary call carries exactly one message")
}
