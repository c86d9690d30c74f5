import FederationAPI
import JSON

/// The claims that decide about a token (RFC 7519 section 4.1).
///
/// A class: to copy its many texts for each step of a token would take longer than to read them.
final class TokenClaims: Sendable {
  /// How far the issuer's clock and ours may be apart, in seconds, for every claim of time.
  static let leewaySeconds: Int64 = 60

  let issuer: String
  /// `sub`, or else `client_id`.
  let subject: String
  /// Whether there is no `sub`, so that the subject is `client_id`, which only PingOne's tokens may leave it at.
  let isNamedByClientID: Bool
  /// `exp`, seconds since 1970; required.
  let expiresAt: Int64
  private let notBefore: Int64?
  private let issuedAt: Int64?
  private let audiences: [String]
  let kubernetes: KubernetesAttributes?
  /// Whether there is a claim `kubernetes.io` that ``kubernetes`` could not be made of.
  let hasIncompleteWorkload: Bool

  /// Reads the claims of a token's payload.
  init(payload: [UInt8]) throws(Refusal) {
    var issuer = TokenMember<String>.absent
    var subject = TokenMember<String>.absent
    var clientID = TokenMember<String>.absent
    var (expiresAt, notBefore, issuedAt) = (
      TokenMember<Double>.absent, TokenMember<Double>.absent, TokenMember<Double>.absent
    )
    var audiences = TokenMember<[String]>.absent
    var workload = KubernetesClaims()
    try TokenPart.read(payload, named: "payload") { name, reader, text throws(JSONError) in
      // By length first, and short names as one word: to hold each name against each other takes longer.
      switch (name.count, reader.word(name, in: text)) {
      case (3, JSONText.word("i", "s", "s")): issuer = try reader.readText(in: text)
      case (3, JSONText.word("s", "u", "b")): subject = try reader.readText(in: text)
      case (3, JSONText.word("e", "x", "p")): expiresAt = try reader.readNumber(in: text)
      case (3, JSONText.word("n", "b", "f")): notBefore = try reader.readNumber(in: text)
      case (3, JSONText.word("i", "a", "t")): issuedAt = try reader.readNumber(in: text)
      case (3, JSONText.word("a", "u", "d")): audiences = try reader.readTexts(in: text)
      case (9, _) where reader.isEqual(name, "client_id", in: text): clientID = try reader.readText(in: text)
      case (13, _) where reader.isEqual(name, "kubernetes.io", in: text): try workload.read(from: &reader, text)
      default: try reader.skip(try reader.next(in: text), in: text)
      }
    }
    guard let issuer = issuer.value, !issuer.isEmpty else { throw Refusal("the claim iss is not a string") }
    isNamedByClientID = if case .absent = subject { true } else { false }
    guard let subject = (isNamedByClientID ? clientID : subject).value, !subject.isEmpty else {
      throw Refusal("the claim sub is not a string")
    }
    guard let expiresAt = try Self.time(expiresAt, "exp") else { throw Refusal("the claim exp is missing") }
    self.issuer = issuer
    self.subject = subject
    self.expiresAt = expiresAt
    self.notBefore = try Self.time(notBefore, "nbf")
    self.issuedAt = try Self.time(issuedAt, "iat")
    switch audiences {
    case .absent: self.audiences = []
    case .value(let audiences): self.audiences = audiences
    case .other: throw Refusal("the claim aud is not a string or a list of strings")
    }
    kubernetes = try? workload.attributes()
    hasIncompleteWorkload = workload.isPresent && kubernetes == nil
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
    for audience in audiences {
      let bytes = audience.utf8.span.bytes
      for other in accepted where bytes.isEqual(to: other.utf8.span.bytes) { return true }
    }
    return false
  }

  /// A NumericDate, which may have a fraction; years past 9999 are refused, so that sums cannot overflow.
  private static func time(_ claim: TokenMember<Double>, _ name: StaticString) throws(Refusal) -> Int64? {
    if case .absent = claim { return nil }
    guard let seconds = claim.value, (0..<253_402_300_800).contains(seconds) else {
      throw Refusal("the claim \(name) is not a time")
    }
    return Int64(seconds)
  }
}
