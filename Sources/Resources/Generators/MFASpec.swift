/// `spec` of a generator of kind `MFA`: a one-time password by time (RFC 6238).
public struct MFASpec: Sendable, Equatable {
  /// The hash of the HMAC.
  public enum Algorithm: String, Sendable, CaseIterable {
    case sha1, sha256, sha512
  }

  /// Where the seed is, in base32 (RFC 4648 section 6).
  public var secret: SecretKeySelector
  /// Digits of the token, 6...9: the truncation of RFC 4226 section 5.3 gives 31 bits, so that a tenth digit would not
  /// be random.
  public var length: Int
  /// How long a token is good for, in seconds.
  public var timePeriod: Int
  /// The hash.
  public var algorithm: Algorithm
  /// `when`: seconds since 1970-01-01T00:00:00Z at which the clock stands still; nil for the real clock.
  public var pinnedSeconds: Int64?

  /// Makes a spec without checking it.
  public init(
    secret: SecretKeySelector, length: Int = 6, timePeriod: Int = 30, algorithm: Algorithm = .sha1,
    pinnedSeconds: Int64? = nil
  ) {
    self.secret = secret
    self.length = length
    self.timePeriod = timePeriod
    self.algorithm = algorithm
    self.pinnedSeconds = pinnedSeconds
  }
}
