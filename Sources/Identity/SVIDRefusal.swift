/// Why the certificates that a peer shows make nobody of it who may call: for the log only.
public struct SVIDRefusal: Error, Sendable, Equatable {
  /// What is wrong, as far as a peer may be told.
  public enum Kind: Sendable {
    /// A certificate's time is over, or has not begun.
    case expired
    /// No authority that is trusted for the trust domain signed it.
    case untrusted
    /// It breaks a rule of the X509-SVID standard.
    case invalid
    /// It may be good, and no Authorization is for its SPIFFE ID.
    case notAuthorized
  }

  /// What is wrong.
  public let kind: Kind
  /// One sentence without a full stop.
  public let reason: String

  init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }
}
