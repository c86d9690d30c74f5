import FederationAPI

/// Says during a handshake who a peer is by the certificates that it shows, and whether it may connect.
public protocol PeerVerifier: Sendable {
  /// Whom `certificates` (DER, leaf first) prove the peer to be. The handshake proves that it holds the leaf's key.
  ///
  /// Called on event loops, so it must not block.
  func identity(of certificates: [[UInt8]]) throws(PeerRefusal) -> ConnectionIdentity

  /// The handshake with `peer` failed, for the log; `reason` is the refusal's, or OpenSSL's where it was never asked.
  func handshakeFailed(_ reason: String, peer: String)
}

/// Why a peer is not let in.
public struct PeerRefusal: Error, Sendable, Equatable {
  /// What the peer is told: an alert of RFC 8446 section 6.2, and no more.
  public enum Alert: Sendable {
    /// `certificate_expired`.
    case expired
    /// `unknown_ca`.
    case unknownAuthority
    /// `bad_certificate`.
    case badCertificate
    /// `handshake_failure`: the certificate is good, and its owner has no business here.
    case notAuthorized
  }

  /// What the peer is told.
  public let alert: Alert
  /// For the log.
  public let reason: String

  /// Makes a refusal.
  public init(_ alert: Alert, _ reason: String) {
    self.alert = alert
    self.reason = reason
  }
}
