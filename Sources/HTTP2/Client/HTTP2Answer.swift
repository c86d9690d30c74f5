import Glibc
import HTTP1

/// A whole answer.
public struct HTTP2Answer: Sendable {
  /// `:status`; 0 when there was none that could be read.
  public internal(set) var status = 0
  /// The head's fields.
  public internal(set) var fields = HTTPFields()
  /// The body.
  public internal(set) var body: [UInt8] = []
  /// The fields after the body.
  public internal(set) var trailers = HTTPFields()

  /// Overwrites the body, which may be a secret.
  public mutating func wipe() {
    body.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
  }
}

/// Why there is no answer.
public enum HTTP2ClientFailure: Error, Equatable, Sendable {
  /// The server reset the stream.
  case reset(HTTP2ErrorCode)
  /// The connection ended; whether the request had left by then.
  case connectionEnded(String, wasSent: Bool)
  /// The server refused this client's certificate, and read nothing; the text says so.
  case refused(String)
  /// The answer's body or fields are over this client's limits.
  case tooLarge
  /// The caller's deadline has passed.
  case deadlinePassed
  /// The caller's task was cancelled.
  case cancelled
}
