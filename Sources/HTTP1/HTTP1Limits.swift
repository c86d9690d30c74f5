/// What one HTTP/1 connection may cost: sizes in bytes, times in seconds.
public struct HTTP1Limits: Sendable {
  /// The request line without its CRLF; a longer one is answered 414.
  public var requestLineBytes = 8_192
  /// All field lines of one request with their CRLFs; more is answered 431.
  public var headerBytes = 32_768
  /// Field lines of one request; more is answered 431.
  public var headerFields = 100
  /// A request's body after its transfer coding is undone; more is answered 413.
  public var bodyBytes = 98_304
  /// One chunk-size line with its extensions; a longer one is answered 400.
  public var chunkLineBytes = 256
  /// The extensions of all chunks of one body together; more is answered 400.
  public var chunkExtensionBytes = 2_048
  /// The trailer section with its CRLFs; more is answered 431.
  public var trailerBytes = 4_096
  /// Field lines in the trailer section; more is answered 431.
  public var trailerFields = 16

  /// From a request's first byte to the end of its header section; then 408.
  public var headerSeconds = 10.0
  /// From the end of the header section to the end of the body; then 408.
  public var bodySeconds = 30.0
  /// From the end of the body to the answer; then 504.
  public var answerSeconds = 30.0
  /// Between requests; then the connection closes.
  public var idleSeconds = 75.0
  /// The same for a connection whose peer has not proved who it is, if that is less.
  public var strangerIdleSeconds = 30.0
  /// How long an idle connection of a stopping server may still bring the request that may be under way.
  public var drainSeconds = 0.25

  /// The limits of the documented server where it has some, of common proxies where it has none.
  public init() {}
}
