import FederationAPI
import JSON

/// The claims that decide about a token (RFC 7519 section 4.1).
struct TokenClaims: Sendable {
  /// How far the issuer's clock and ours may be apart, in seconds, for every claim of time.
  static let leewaySeconds: Int64 = 60

  let issuer: String
  let subject: String
  /// `exp`, seconds since 1970; required.
  let expiresAt: Int64
  private let notBefore: Int64?
  private let issuedAt: Int64?
  private let audiences: [String]
  let kubernetes: KubernetesAttributes?

  init(_ claims: JSONValue) throws(Refusal) {
    guard let issuer = claims["iss"]?.string, !issuer.isEmpty else { throw Refusal("the claim iss is not a string") }
    guard let subject = claims["sub"]?.string, !subject.isEmpty else { throw Refusal("the claim sub is not a string") }
    guard let expiresAt = try Self.time("exp", in: claims) else { throw Refusal("the claim exp is missing") }
    self.issuer = issuer
    self.subject = subject
    self.expiresAt = expiresAt
    notBefore = try Self.time("nbf", in: claims)
    issuedAt = try Self.time("iat", in: claims)
    audiences = try Self.audiences(in: claims)
    kubernetes = try? KubernetesAttributes(claims: claims)
  }

  /// Throws unless the token is valid at `now`, in seconds since 1970.
  func checkTimes(now: Int64) throws(Refusal) {
    guard !Self.isExpired(expiresAt, now: now) else { throw Refusal("the token has expired") }
    guard notBefore.map({ $0 - Self.leewaySeconds <= now }) ?? true else { throw Refusal("the token is not yet valid") }
    guard issuedAt.map({ $0 - Self.leewaySeconds <= now }) ?? true else {
      throw Refusal("the token was issued in the future")
    }
  }

  /// The one rule for the end of a token's life, also for what was remembered of it.
  static func isExpired(_ expiresAt: Int64, now: Int64) -> Bool { now >= expiresAt + leewaySeconds }

  /// Whether the token is meant for one of `accepted`; nil accepts any. Compared byte for byte.
  func isMeant(for accepted: [String]?) -> Bool {
    guard let accepted else { return true }
    return audiences.contains { audience in accepted.contains { $0.utf8.elementsEqual(audience.utf8) } }
  }

  /// A NumericDate, which may have a fraction; years past 9999 are refused, so that sums cannot overflow.
  private static func time(_ name: String, in claims: JSONValue) throws(Refusal) -> Int64? {
    guard let value = claims[name] else { return nil }
    guard let seconds = value.number, (0..<253_402_300_800).contains(seconds) else {
      throw Refusal("the claim \(name) is not a time")
    }
    return Int64(seconds)
  }

  private static func audiences(in claims: JSONValue) throws(Refusal) -> [String] {
    switch claims["aud"] {
    case nil: return []
    case .string(let one): return [one]
    case .array(let values):
      let texts = values.compactMap(\.string)
      if texts.count == values.count { return texts }
      fallthrough
    default: throw Refusal("the claim aud is not a string or a list of strings")
    }
  }
}
