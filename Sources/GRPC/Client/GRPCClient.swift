import FederationAPI
import FederationProto
import HTTP1
import HTTP2
import Transport

/// A gRPC client (gRPC over HTTP/2): any number at once on one connection.
public final class GRPCClient: RPCCalling, RPCStreaming {
  /// The protocol's name in ALPN.
  public static let alpn = HTTP2ServerConnection.alpn

  private let client: HTTP2Client
  private let authority: String
  private let scheme: String
  private let limits: GRPCLimits

  private init(client: HTTP2Client, authority: String, scheme: String, limits: GRPCLimits) {
    self.client = client
    self.scheme = scheme
    self.authority = authority
    self.limits = limits
  }

  /// Connects to `target`, whose TLS should offer ``alpn``. Throws as ``HTTP2Client/connect(_:group:answerBytes:)``.
  public static func connect(
    _ target: DialTarget, group: EventLoopGroup, limits: GRPCLimits = GRPCLimits()
  ) async throws(RPCError) -> GRPCClient {
    let client = try await HTTP2Client.connect(target, group: group, answerBytes: limits.messageBytes + 5)
    return GRPCClient(
      client: client, authority: target.authority, scheme: target.tls == nil ? "http" : "https", limits: limits)
  }

  /// Makes one call and returns the encoded response message.
  ///
  /// The timeout is sent and kept here as well: when it has passed, the call ends with DEADLINE_EXCEEDED whatever the
  /// server does. Cancelling the task resets the stream. A lost connection is UNAVAILABLE, with a text that says whether
  /// the call may have been carried out. Metadata keys are lower-case.
  public func call(
    service: String, method: String, payload: [UInt8], metadata: [(key: String, value: String)] = [],
    timeoutNanoseconds: Int64? = nil
  ) async throws(RPCError) -> [UInt8] {
    do throws(CallFailure) {
      return try await attempt(
        service: service, method: method, payload: payload, metadata: metadata, timeoutNanoseconds: timeoutNanoseconds)
    } catch {
      throw error.error
    }
  }

  /// As ``call(service:method:payload:metadata:timeoutNanoseconds:)``, for what must not be carried out twice: the
  /// failure says how far the call came.
  public func attempt(
    service: String, method: String, payload: [UInt8], metadata: [(key: String, value: String)] = [],
    timeoutNanoseconds: Int64? = nil
  ) async throws(CallFailure) -> [UInt8] {
    let fields: [HTTPFields.Field]
    let deadline: MonotonicTime?
    do throws(RPCError) {
      (fields, deadline) = try head("/\(service)/\(method)", payload, metadata, timeoutNanoseconds)
    } catch {
      throw CallFailure(error, .unsent)
    }
    let outcome = await client.send(
      fields, body: MessageReader.prefix(payload.count) + payload, deadline: deadline)
    switch outcome {
    case .success(var answer):
      defer { answer.wipe() }
      return try GRPCClient.message(answer, limits: limits)
    case .failure(let failure): throw CallFailure(RPCError(failure), failure.progress)
    }
  }

  /// Opens a call that carries messages both ways. What it waits for is bounded by the window that its caller gives by
  /// taking messages.
  public func openStream(
    service: String, method: String, first: [UInt8], metadata: [(key: String, value: String)] = [],
    timeoutNanoseconds: Int64? = nil
  ) throws(RPCError) -> any RPCClientStream {
    let (fields, deadline) = try head("/\(service)/\(method)", first, metadata, timeoutNanoseconds)
    return GRPCClientStream(client, fields, first: first, deadline: deadline, limits: limits)
  }

  /// Opens a call with one request message, whose answer is any number of messages.
  public func openServerStream(
    service: String, method: String, request: [UInt8], metadata: [(key: String, value: String)] = []
  ) throws(RPCError) -> any RPCClientStream {
    let (fields, _) = try head("/\(service)/\(method)", request, metadata, nil)
    return GRPCClientStream(client, fields, first: request, isWhole: true, deadline: nil, limits: limits)
  }

  /// The fields of a call, and when it has failed.
  private func head(
    _ path: String, _ payload: [UInt8], _ metadata: [(key: String, value: String)], _ timeoutNanoseconds: Int64?
  ) throws(RPCError) -> ([HTTPFields.Field], MonotonicTime?) {
    guard payload.count <= limits.messageBytes else {
      throw RPCError(
        .resourceExhausted, "request of \(payload.count) bytes is too large, at most \(limits.messageBytes)")
    }
    var fields = head(path)
    var deadline: MonotonicTime?
    if let timeoutNanoseconds {
      guard timeoutNanoseconds > 0 else { throw .deadlinePassed }
      let nanoseconds = UInt64(timeoutNanoseconds)
      deadline = .now.advanced(byNanoseconds: nanoseconds)
      fields.append(HTTPFields.Field(name: "grpc-timeout", value: GRPCTimeout.text(nanoseconds: nanoseconds)))
    }
    for (key, value) in metadata { fields.append(HTTPFields.Field(name: key, value: value)) }
    return (fields, deadline)
  }

  private func head(_ path: String) -> [HTTPFields.Field] {
    [
      HTTPFields.Field(name: ":method", value: "POST"), HTTPFields.Field(name: ":scheme", value: scheme),
      HTTPFields.Field(name: ":path", value: path), HTTPFields.Field(name: ":authority", value: authority),
      HTTPFields.Field(name: "te", value: "trailers"),
      HTTPFields.Field(name: "content-type", value: "application/grpc"),
    ]
  }

  /// Closes the connection; calls that run fail with UNAVAILABLE.
  public func close() { client.close() }

  private static func message(_ answer: HTTP2Answer, limits: GRPCLimits) throws(CallFailure) -> [UInt8] {
    if let error = GRPCStatusFields.error(answer) {
      throw CallFailure(error, GRPCStatusFields.hasStatus(answer) ? .refused : .unanswered)
    }
    var reader = MessageReader(maximum: limits.messageBytes)
    defer { reader.wipe() }
    do throws(RPCError) {
      try reader.append(answer.body.span.bytes)
      if let message = try reader.next(), reader.unfinished == 0 { return message }
    } catch {
      throw CallFailure(error, .unanswered)
    }
    throw CallFailure(RPCError(.internal, "the server answered a unary call with other than one message"), .unanswered)
  }
}

extension HTTP2ClientFailure {
  /// How far the request came, as far as the wire tells.
  fileprivate var progress: CallFailure.Progress {
    switch self {
    case .reset(.refusedStream), .connectionEnded(_, wasSent: false): .unsent
    case .refused: .refused
    default: .unanswered
    }
  }
}

extension StatusCode {
  /// What a status of HTTP means where gRPC's own is missing (grpc/grpc, doc/http-grpc-status-mapping.md).
  init(httpStatus: Int) {
    switch httpStatus {
    case 400: self = .internal
    case 401: self = .unauthenticated
    case 403: self = .permissionDenied
    case 404: self = .unimplemented
    case 429, 502, 503, 504: self = .unavailable
    default: self = .unknown
    }
  }
}

extension RPCError {
  /// gRPC over HTTP/2, "Errors".
  init(_ failure: HTTP2ClientFailure) {
    switch failure {
    case .reset(.refusedStream):
      self.init(.unavailable, "the server refused the call before it looked at it; a retry is safe")
    case .reset(.cancel): self.init(.cancelled, "the server gave the call up")
    case .reset(.enhanceYourCalm): self.init(.resourceExhausted, "the server wants fewer calls")
    case .reset(let code): self.init(.internal, "the server reset the call with HTTP/2 error \(code.rawValue)")
    case .connectionEnded(let reason, wasSent: false):
      self.init(.unavailable, "\(reason) before the call was sent; a retry is safe")
    case .connectionEnded(let reason, wasSent: true):
      self.init(
        .unavailable,
        "\(reason) after the call was sent, so it may have been carried out; retry only if that is harmless")
    case .refused(let text): self.init(.unauthenticated, text, credentialProblem: .certificateRefused)
    case .tooLarge: self.init(.resourceExhausted, "the answer is too large")
    case .deadlinePassed: self = .deadlinePassed
    case .cancelled: self.init(.cancelled, "the caller gave the call up")
    }
  }
}
