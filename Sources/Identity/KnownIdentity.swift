import FederationAPI

/// An identity that all who remember it share, by one reference.
public final class KnownIdentity: Sendable {
  /// Who it is.
  public let identity: VerifiedIdentity
  /// When it ends, as the identity says, but without a look at the rest of it.
  public let expiresAtSeconds: Int64

  /// When it has to be looked at again whether it still holds, however long it lasts: the end of time for identities that
  /// rest on no key set.
  public var goodUntil: MonotonicTime { Authenticator.goodUntil(identity) }

  init(_ identity: consuming VerifiedIdentity) {
    expiresAtSeconds = identity.expiresAtSeconds
    self.identity = identity
  }
}
