import FederationAPI
import FederationProto
import HTTP1
import HTTP2

/// A call's answer on its stream: head, messages, trailers.
extension HTTP2Stream {
  private static let contentType = HTTPFields.Field(name: "content-type", value: "application/grpc")
  private static let acceptEncoding = HTTPFields.Field(name: "grpc-accept-encoding", value: "identity,gzip")

  /// Sends the head of an answer that went well so far.
  func openCall() {
    if !hasResponded { respond(status: 200, [HTTP2Stream.contentType, HTTP2Stream.acceptEncoding]) }
  }

  /// Sends one message, which is wiped. False when it is too large or too much is unsent; nothing is sent then.
  func sendMessage(_ message: consuming [UInt8], limits: GRPCLimits) -> RPCError? {
    let size = message.count
    if let error = refusal(size, limits) {
      message.wipe()
      return error
    }
    openCall()
    write(MessageReader.prefix(size))
    write(message)
    return nil
  }

  /// Sends one message that ends with a secret.
  func sendMessage(_ secret: EncodedSecret, limits: GRPCLimits) -> RPCError? {
    let size = secret.count
    if let error = refusal(size, limits) { return error }
    openCall()
    write(
      [UInt8](unsafeUninitializedCapacity: 5 + size) { room, count in
        for (index, byte) in MessageReader.prefix(size).enumerated() { room[index] = byte }
        secret.write(to: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(room)[5..<(5 + size)]))
        count = 5 + size
      })
    return nil
  }

  private func refusal(_ size: Int, _ limits: GRPCLimits) -> RPCError? {
    guard size <= limits.messageBytes else {
      return RPCError(.resourceExhausted, "answer of \(size) bytes is too large, at most \(limits.messageBytes)")
    }
    return mayWrite(size + 5) ? nil : .notReadFastEnough
  }

  /// Ends the call; without messages before it an error is trailers only.
  func finishCall(_ error: RPCError?, of method: CallMethod) {
    guard !isAnswered else { return }
    count(.grpc, CallOutcome(method, error?.code ?? .ok))
    deadline = nil
    guard let error else {
      openCall()
      return end(trailers: GRPCStatusFields.ok)
    }
    guard !hasResponded else { return end(trailers: GRPCStatusFields.failure(error)) }
    var fields = [HTTP2Stream.contentType] + GRPCStatusFields.failure(error)
    if error == .unknownEncoding { fields.append(HTTP2Stream.acceptEncoding) }
    respond(status: 200, fields, isLast: true)
  }

  /// Counts a call of `method` whose stream is gone, unless it was answered.
  func callClosed(_ method: CallMethod) {
    if !isAnswered { count(.grpc, CallOutcome(method, .cancelled)) }
  }
}
