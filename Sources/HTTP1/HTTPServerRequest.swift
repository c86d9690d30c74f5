import FederationAPI

/// The versions of the protocol that are served.
public enum HTTPVersion: Sendable, Equatable {
  /// RFC 1945: a connection carries one request unless the peer asks for more.
  case http10
  /// RFC 9112: a connection stays open unless one side says otherwise.
  case http11
}

/// A request up to the empty line that ends its header section.
public struct HTTPRequestHead: Sendable, Equatable {
  /// The method as it came; methods are case-sensitive (RFC 9110 section 9.1).
  public var method: String
  /// The target in origin form, `/path?query`, also when it came in absolute form; `*` for `OPTIONS *`;
  /// `host:port` for CONNECT. ASCII without spaces and controls; percent escapes are not decoded.
  public var target: String
  /// The version in the request line.
  public var version: HTTPVersion
  /// The field lines.
  public var fields: HTTPFields

  /// Makes a head.
  public init(method: String, target: String, version: HTTPVersion = .http11, fields: HTTPFields = HTTPFields()) {
    self.method = method
    self.target = target
    self.version = version
    self.fields = fields
  }

  /// The target up to the question mark.
  public var path: Substring {
    target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[..<$0] } ?? target[...]
  }

  /// Whether the peer leaves the connection open after the answer (RFC 9112 section 9.3).
  public var keepsAlive: Bool {
    if fields.list("connection", has: "close") { return false }
    return version == .http11 || fields.list("connection", has: "keep-alive")
  }

  /// Whether the peer waits for `100 Continue` before it sends the body; HTTP/1.0 knows no such thing
  /// (RFC 9110 section 10.1.1).
  public var expectsContinue: Bool { version == .http11 && fields["expect"] != nil }
}

/// A whole request.
public struct HTTPServerRequest: Sendable, Equatable {
  /// Method, target and fields.
  public var head: HTTPRequestHead
  /// The body after its transfer coding was undone; empty when there was none.
  public var body: [UInt8]
  /// When the connection gives up waiting for the answer; nil outside a connection.
  public var deadline: MonotonicTime?

  /// Makes a request.
  public init(head: HTTPRequestHead, body: [UInt8] = [], deadline: MonotonicTime? = nil) {
    self.head = head
    self.body = body
    self.deadline = deadline
  }
}
