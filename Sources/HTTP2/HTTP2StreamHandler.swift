import Transport

/// What stands behind one HTTP/2 connection; made for it and confined to its event loop.
public protocol HTTP2Application: AnyObject {
  /// The connection is ready.
  func opened(_ connection: Connection)

  /// Makes what answers a request. It may answer at once, through `stream`.
  func handler(for head: HTTP2RequestHead, on stream: HTTP2Stream) -> any HTTP2StreamHandler

  /// Answers a request whose header list is too large; `head` has the fields that came before the limit.
  func refuseHeaders(_ head: HTTP2RequestHead, on stream: HTTP2Stream)
}

extension HTTP2Application {
  /// 431 (RFC 6585 section 5).
  public func refuseHeaders(_ head: HTTP2RequestHead, on stream: HTTP2Stream) {
    stream.respond(status: 431, [], isLast: true)
  }
}

/// What answers one request. Every function is called on the connection's event loop and must not block.
public protocol HTTP2StreamHandler: AnyObject {
  /// Part of the request's body. The peer may send as much again once ``HTTP2Stream/consume(_:)`` has been called for
  /// it; whoever keeps what came asks ``HTTP2Stream/keep(_:)`` first.
  func received(_ bytes: RawSpan, on stream: HTTP2Stream)

  /// The request is whole.
  func inputEnded(on stream: HTTP2Stream)

  /// The stream was full and has room again.
  func outputDrained(on stream: HTTP2Stream)

  /// ``HTTP2Stream/deadline`` or ``HTTP2Stream/inputDeadline`` has passed; both are nil by now where they had.
  func expired(_ expiry: HTTP2Stream.Expiry, on stream: HTTP2Stream)

  /// The server is stopping: an answer that would go on for ever ends now.
  func drain(on stream: HTTP2Stream)

  /// The stream is gone, answered or not.
  func closed(_ stream: HTTP2Stream)
}

extension HTTP2StreamHandler {
  /// Nothing.
  public func outputDrained(on stream: HTTP2Stream) {}
  /// Nothing.
  public func drain(on stream: HTTP2Stream) {}
  /// Nothing.
  public func closed(_ stream: HTTP2Stream) {}
}
