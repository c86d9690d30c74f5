import FederationAPI
import FederationProto
import HTTP2
import Transport

/// A call with any number of messages each way. A message is looked at only while its answer has room, and only then may
/// the caller send more.
final class StreamingCall: HTTP2StreamHandler {
  private let handler: any GRPCStreamingHandler
  private let method: CallMethod
  private let limits: GRPCLimits
  private var reader: MessageReader
  private var unconsumed = 0
  private var hasEnded = false
  private var isEndTold = false

  init(
    _ request: GRPCRequest, method: CallMethod, call: any GRPCStreamingHandler, limits: GRPCLimits,
    on stream: HTTP2Stream
  ) {
    handler = call
    self.method = method
    self.limits = limits
    reader = MessageReader(maximum: limits.messageBytes)
    reader.acceptsGzip = request.isGzip
    if call.endsWhenSilent { stream.inputDeadline = .now.advanced(bySeconds: limits.streamIdleSeconds) }
  }

  func received(_ bytes: RawSpan, on stream: HTTP2Stream) {
    unconsumed += bytes.byteCount
    if handler.endsWhenSilent { stream.inputDeadline = .now.advanced(bySeconds: limits.streamIdleSeconds) }
    guard stream.keep(bytes.byteCount) else { return stream.finishCall(.tooMuchUnfinished, of: method) }
    attempt(on: stream) { () throws(RPCError) in try reader.append(bytes) }
    goOn(stream)
  }

  func inputEnded(on stream: HTTP2Stream) {
    hasEnded = true
    goOn(stream)
  }

  func outputDrained(on stream: HTTP2Stream) {
    pump(stream)
    goOn(stream)
  }

  /// Lets the handler send what it has.
  func pump(_ stream: HTTP2Stream) {
    if !stream.isAnswered { handler.pump(on: responder(stream)) }
  }

  func closed(_ stream: HTTP2Stream) {
    handler.closed()
    stream.callClosed(method)
  }

  func drain(on stream: HTTP2Stream) { handler.drain(on: responder(stream)) }

  func expired(_ expiry: HTTP2Stream.Expiry, on stream: HTTP2Stream) { stream.finishCall(.deadlinePassed, of: method) }

  private func responder(_ stream: HTTP2Stream) -> GRPCResponder {
    GRPCResponder(stream: stream, method: method, limits: limits)
  }

  private func goOn(_ stream: HTTP2Stream) {
    let call = responder(stream)
    attempt(on: stream) { () throws(RPCError) in
      while !stream.isAnswered, !stream.isOutputFull {
        guard var message = try reader.next() else { break }
        defer { message.wipe() }
        try handler.received(message.span.bytes, on: call)
        if !handler.endsWhenSilent { stream.inputDeadline = nil }
      }
      guard !stream.isOutputFull else { return }
      if hasEnded, !isEndTold, !stream.isAnswered {
        guard reader.unfinished == 0 else { throw RPCError(.internal, "the last message is cut short") }
        isEndTold = true
        try handler.inputEnded(on: call)
      }
    }
    guard !stream.isOutputFull else { return }
    // A message larger than the window needs window to become whole; the reader bounds what that keeps.
    stream.consume(unconsumed)
    unconsumed = 0
    if reader.unfinished == 0 { stream.releaseKept() }
  }

  private func attempt(on stream: HTTP2Stream, _ body: () throws(RPCError) -> Void) {
    do throws(RPCError) { try body() } catch { stream.finishCall(error, of: method) }
  }
}
