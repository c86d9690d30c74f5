import FederationAPI
import FederationProto
import HTTP1
import HTTP2
import Transport

/// Lets a wire answer one request and then ends the connection.
final class RefusalHandler: ConnectionHandler {
  private static let patience: UInt64 = 0
  private let inner: any ConnectionHandler

  init(_ inner: any ConnectionHandler) { self.inner = inner }

  func opened(_ connection: Connection) {
    inner.opened(connection)
    connection.setTimer(RefusalHandler.patience, at: MonotonicTime.now.advanced(bySeconds: 5))
  }

  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    let consumed = inner.receive(bytes, on: connection)
    if connection.outputCount > 0 { connection.close(.limit("connections")) }
    return consumed
  }

  func timerFired(_ tag: UInt64, on connection: Connection) { connection.close(.limit("connections")) }
  func inputEnded(on connection: Connection) { connection.close(.finished) }
  func outputDrained(on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) { inner.closed(connection, reason: reason) }
}

private let refusal = RPCError(
  .resourceExhausted, "the server is at its connection limit; close idle connections or retry later")

/// Answers every call with the connection limit.
struct RefusingDispatcher: RPCDispatcher {
  func call(service: String, method: String, payload: RawSpan, context: CallContext) -> Reply<[UInt8]> {
    .ready(.failure(refusal))
  }
}

/// Answers every request with the connection limit, as a bare JSON string like every other error.
struct RefusingResponder: HTTPResponder {
  func respond(to request: HTTPServerRequest, peer: String) -> HTTPReply {
    let fields: [HTTPServerResponse.Field] = [
      .init("Content-Type", "application/json"), .init("Cache-Control", "no-store"), .init("Retry-After", "1"),
    ]
    var response = HTTPServerResponse(
      status: 503, fields: fields, body: .plain(Array("\"\(refusal.message)\"\n".utf8)))
    response.outcome = CallOutcome(.other, refusal.code)
    return .ready(response)
  }
}

extension HTTP2Limits {
  /// Of a connection that is told why it cannot be served.
  static var refusing: HTTP2Limits {
    var limits = HTTP2Limits()
    limits.streamsPerConnection = 1
    limits.concurrentStreams = 8
    limits.headerSeconds = 5
    limits.bodySeconds = 5
    limits.outputSeconds = 5
    limits.idleSeconds = 5
    return limits
  }
}
