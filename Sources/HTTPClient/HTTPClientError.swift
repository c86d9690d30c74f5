/// Why there is no response. An error status is a response, not an error.
public struct HTTPClientError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a caller can act on.
  public enum Kind: String, Sendable {
    /// No connection, or it broke before the response was complete.
    case unreachable
    /// The TLS handshake failed, or the server's certificate is not one that the request trusts.
    case tls
    /// The request's time is over.
    case timeout
    /// The response is past the request's body limit or the client's header limit.
    case tooLarge
    /// The request cannot be sent as it is: URL, method, header or scheme.
    case invalidRequest
    /// The task was cancelled or the client closed.
    case cancelled
  }

  /// What went wrong.
  public var kind: Kind
  /// One sentence with the server's host and the reason; never a header, a query or a body.
  public var message: String
  /// Whether the server may have carried the request out. Told of requests with ``HTTPRequest/isSentOnce`` only.
  public var mayBeCarriedOut = false

  /// Whether the server refused this client's certificate in the handshake, so that it read nothing.
  public var isClientRefused = false

  /// Makes an error.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// For example `tls: https://issuer.example: SSL certificate problem: certificate has expired`.
  public var description: String { "\(kind.rawValue): \(message)" }
}
