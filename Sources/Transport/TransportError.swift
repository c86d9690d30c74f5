import CLinux
import COpenSSL

/// Why a listener, a connection or a TLS context could not be made.
public struct TransportError: Error, Sendable, CustomStringConvertible {
  /// What failed, why, and where possible what to do.
  public let description: String

  /// Makes an error from its text.
  public init(_ description: String) { self.description = description }

  /// The system's reason for the last failed call, named by `operation`.
  static func system(_ operation: String) -> TransportError {
    TransportError("\(operation): \(String(cString: strerror(clinux_errno())))")
  }

  /// OpenSSL's reason for the last failed call; clears its error queue.
  static func tls(_ operation: String) -> TransportError {
    TransportError("\(operation): \(lastTLSReason() ?? "unknown TLS error")")
  }
}

/// The newest reason in this thread's OpenSSL error queue, which is emptied.
func lastTLSReason() -> String? {
  let code = ERR_peek_last_error()
  ERR_clear_error()
  guard code != 0, let reason = ERR_reason_error_string(code) else { return nil }
  return String(cString: reason)
}
