/// Why a stream or a connection ends (RFC 9113 section 7).
public struct HTTP2ErrorCode: RawRepresentable, Equatable, Sendable {
  /// The number on the wire; any can come.
  public let rawValue: UInt32

  /// Makes a code from its number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Nothing went wrong.
  public static let noError = HTTP2ErrorCode(rawValue: 0)
  /// A rule was broken that has no code of its own.
  public static let protocolError = HTTP2ErrorCode(rawValue: 1)
  /// A fault of this side.
  public static let internalError = HTTP2ErrorCode(rawValue: 2)
  /// More was sent than there was window for, or more window given than there can be.
  public static let flowControlError = HTTP2ErrorCode(rawValue: 3)
  /// A frame was larger than is allowed, or of another size than its kind has.
  public static let frameSizeError = HTTP2ErrorCode(rawValue: 6)
  /// The stream was not looked at; it may be tried again.
  public static let refusedStream = HTTP2ErrorCode(rawValue: 7)
  /// The stream is not wanted any more.
  public static let cancel = HTTP2ErrorCode(rawValue: 8)
  /// The peer makes too much work.
  public static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 11)
}
