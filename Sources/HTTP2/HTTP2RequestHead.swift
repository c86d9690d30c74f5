import HTTP1

/// A request up to its body (RFC 9113 section 8.3.1).
public struct HTTP2RequestHead: Sendable, Equatable {
  /// `:method`.
  public var method = ""
  /// `:scheme`.
  public var scheme = ""
  /// `:authority`; empty when the request names its host in a `host` field.
  public var authority = ""
  /// `:path`, escapes not decoded.
  public var path = ""
  /// The other fields, names in lower case, no white space around values.
  public var fields = HTTPFields()

  /// Makes an empty head.
  public init() {}
}
