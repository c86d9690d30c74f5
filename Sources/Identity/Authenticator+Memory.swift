import Crypto
import FederationAPI

/// What is known already, for callers that answer from memory only. Nothing here waits, logs or refuses: nil sends the
/// caller to ``Authenticator/verify(_:caCertificates:trust:)``.
extension Authenticator {
  /// Now, as tokens count it: seconds since 1970-01-01T00:00:00Z.
  public var wallSeconds: Int64 { settings.wallClock() }

  /// Now, as budgets count it.
  public var monotonicTime: MonotonicTime { settings.monotonicClock() }

  /// Whether an identity that ends at `seconds` has ended.
  public static func isOver(_ seconds: Int64, wallSeconds: Int64) -> Bool {
    TokenClaims.isExpired(seconds, now: wallSeconds)
  }

  /// What stands before a bearer token (RFC 6750 section 2.1).
  private static let scheme: StaticString = "Bearer "

  /// The digest of the bearer token in `authorization` with the caller's bundle, nil when there is no such token.
  public static func digest(
    authorization: RawSpan, caCertificates: RawSpan, context: SHA256Context
  ) -> TokenDigest? {
    guard authorization.starts(with: scheme) else { return nil }
    let token = authorization.extracting(droppingFirst: scheme.utf8CodeUnitCount)
    guard !token.isEmpty, token.byteCount <= Limits.token, caCertificates.byteCount <= Limits.caCertificates
    else { return nil }
    return TokenDigest(token: token, caCertificates: caCertificates, context: context)
  }

  /// Whom a token was verified to speak for, when that holds as long as the token is valid and `trust` is in force.
  public func knownIdentity(_ token: TokenDigest, trust: Trust) -> KnownIdentity? {
    let known = tokens.finalIdentity(
      token, generation: trust.generation, wallSeconds: settings.wallClock(), now: settings.monotonicClock())
    guard let known, isKnownGood(known.identity) else { return nil }
    return known
  }

  /// Verifies the bearer token in `authorization`, whose digest is `token`, as ``verify(_:caCertificates:trust:)`` does, but
  /// only when the keys for it are here and the outcome holds as long as the token is valid.
  public func verifyAtOnce(
    authorization: RawSpan, caCertificates: RawSpan, token: TokenDigest, trust: Trust
  ) -> KnownIdentity? {
    // A text that is not UTF-8 is refused by its wire, which would leave the reason behind that is handed over here.
    let text = authorization.extracting(droppingFirst: Self.scheme.utf8CodeUnitCount).withUnsafeBytes {
      String(validating: $0, as: UTF8.self)
    }
    guard let text else { return nil }
    return verifyAtOnce(text, caCertificates.withUnsafeBytes { [UInt8]($0) }, key: token, trust)
  }

  /// What an identity that was verified before is under `trust`: nil when it has ended, or when what is behind it vouches
  /// for it no more. `binding` is that of the connection that it came by.
  public func current(
    _ identity: VerifiedIdentity, of binding: ConnectionIdentity?, trust: Trust
  ) -> VerifiedIdentity? {
    notice(trust)
    if let binding, binding.isProvedByPeer { return try? self.identity(ofPeer: binding, trust: trust) }
    guard whyOver(identity, trust) == nil else { return nil }
    if case .good = check(identity, effort: .fetch) { return identity }
    return nil
  }

  /// Until when an identity needs no second look at what is behind it: at the latest then it is asked for again with
  /// ``current(_:of:trust:)``. The end of time for one that rests on no key set.
  public static func goodUntil(_ identity: VerifiedIdentity) -> MonotonicTime {
    keys(of: identity)?.standing.until ?? MonotonicTime(nanoseconds: .max)
  }

  /// Runs `body` each time that an issuer has withdrawn a key, on which any identity may rest.
  public func whenKeysAreWithdrawn(_ body: @escaping @Sendable () -> Void) { keySets.whenKeysAreWithdrawn(body) }

  /// Whether the keys behind an identity need no look now.
  func isKnownGood(_ identity: VerifiedIdentity) -> Bool {
    Self.keys(of: identity).map { keySets.isKnownGood($0.standing) } ?? true
  }

  /// Looks at the keys behind an identity; see ``KeySetCache/check(_:effort:token:)``.
  func check(_ identity: VerifiedIdentity, effort: KeySetCache.Effort, token: String? = nil) -> KeySetCache.Check {
    Self.keys(of: identity).map { keySets.check($0, effort: effort, token: token) } ?? .good
  }

  private static func keys(of identity: VerifiedIdentity) -> ProvenKeys? { identity.proof.proof as? ProvenKeys }

  /// Whom the connection is bound to, when its token is valid and its federations still vouch for it under `trust`.
  public func knownIdentity(of binding: ConnectionIdentity, trust: Trust) -> KnownIdentity? {
    binding.identity.flatMap { current($0, of: binding, trust: trust) }.map(KnownIdentity.init)
  }
}
