import FederationAPI

/// An answer that is there now, or one that must wait for something outside.
public enum HTTPReply: Sendable {
  /// Sent without leaving the event loop.
  case ready(HTTPServerResponse)
  /// Awaited off the loop; the task is cancelled when the peer goes away or the answer takes too long.
  case pending(@Sendable () async -> HTTPServerResponse)
}

/// What stands behind an HTTP connection. Functions are called on event loops and must not block.
public protocol HTTPResponder: Sendable {
  /// Answers a whole request from `peer` ("127.0.0.1:4242").
  func respond(to request: HTTPServerRequest, peer: String) -> HTTPReply

  /// Shapes the answer to a request that the connection itself refuses or gives up.
  func answer(to refusal: HTTPRefusal, peer: String) -> HTTPServerResponse

  /// Answers a request whose client waits for `100 Continue` when its body would change nothing; nil asks for the body.
  func answerBeforeBody(of head: HTTPRequestHead, peer: String) -> HTTPServerResponse?

  /// What a request asks for, for one that is given up before it is answered; nil where nothing is counted.
  func method(of head: HTTPRequestHead) -> CallMethod?

  /// The identity that the connection's peer has proved; nil where requests bring their own.
  var identity: ConnectionIdentity? { get }

  /// Whose ``makeImmediateResponder()`` are; nil when there are none.
  var owner: AnyObject? { get }

  /// Makes what answers one event loop's requests from memory; nil when every request is to be asked here.
  func makeImmediateResponder() -> (any ImmediateResponder)?
}

extension HTTPResponder {
  /// The message as plain text.
  public func answer(to refusal: HTTPRefusal, peer: String) -> HTTPServerResponse {
    HTTPServerResponse(
      status: refusal.status, fields: [.init("Content-Type", "text/plain; charset=utf-8")],
      body: .plain(Array((refusal.message + "\n").utf8)))
  }

  /// Counts nothing.
  public func method(of head: HTTPRequestHead) -> CallMethod? { nil }

  /// None.
  public var identity: ConnectionIdentity? { nil }

  /// Nobody.
  public var owner: AnyObject? { nil }

  /// None.
  public func makeImmediateResponder() -> (any ImmediateResponder)? { nil }

  /// Wants every body.
  public func answerBeforeBody(of head: HTTPRequestHead, peer: String) -> HTTPServerResponse? { nil }
}
