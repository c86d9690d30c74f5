import COpenSSL

/// The alert by which a server refuses a client's certificate (RFC 8446 section 6.2). With TLS 1.3 it comes after the client's
/// handshake has ended, in place of the first answer.
package final class ReceivedAlert {
  /// What the server said, for example `unknown CA`; nil while it said nothing of the kind.
  package private(set) var refusal: String?

  /// Alerts about certificates, by number.
  private static let refusals: Set<Int32> = [
    SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED, SSL_AD_CERTIFICATE_EXPIRED,
    SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA, SSL_AD_ACCESS_DENIED, SSL_AD_CERTIFICATE_REQUIRED,
  ]

  package init() {}

  /// Takes the alert out of an error of OpenSSL's, if it is one. Within the client's own handshake, `handshake_failure` is
  /// as likely about ciphers.
  package func note(_ error: UInt, inHandshake: Bool) {
    let alert = copenssl_received_alert(error)
    guard Self.refusals.contains(alert) || (alert == SSL_AD_HANDSHAKE_FAILURE && !inHandshake) else { return }
    refusal = SSL_alert_desc_string_long(alert).map { String(cString: $0) }
  }
}
