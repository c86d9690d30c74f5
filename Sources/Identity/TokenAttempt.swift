import Crypto
import FederationAPI
import Resources

/// One token on its way to an identity: which federations may vouch for it, and what they said so far.
///
/// Federations that an Authorization for the token's issuer and subject names come first, and all of them that
/// verify the token count. The others are asked only when none of those did: they can add no permission, but a
/// caller with a good token is authenticated even when nothing is granted to it.
struct TokenAttempt: Sendable {
  enum Step: Sendable {
    /// `isFinal` is false when a federation could not be asked that may vouch for the token, too.
    case verified(VerifiedIdentity, isFinal: Bool)
    case refused(String)
    case wait([KeySetFlight])
    case busy
  }

  private struct Candidate: Sendable {
    enum State { case open, verified, refused(String), unavailable }
    let request: KeySetCache.Request
    var state = State.open
  }

  /// The named federations with the keys at hand, then with newer keys if theirs lack the token's; then the others.
  private enum Stage: Int { case named, namedRefreshed, others, othersRefreshed }

  /// How often one stage waits: a fetch that another caller began may end with the refusal of that caller's token.
  private static let maximumRounds = 8

  private let token: JSONWebSignature
  private let claims: TokenClaims
  private let generation: UInt64
  private var candidates: [Candidate] = []
  private var namedCount = 0
  private var stage = Stage.named
  private var rounds = 0

  /// Takes the token apart and throws for all that no key could mend.
  init(
    token text: String, caCertificates: [UInt8], trust: Trust, bundles: FederationBundles,
    headers: HeaderMemory? = nil, now: Int64
  ) throws(Refusal) {
    token = try JSONWebSignature(compact: text, headers: headers)
    claims = try TokenClaims(payload: token.payload)
    generation = trust.generation
    try claims.checkTimes(now: now)
    let callerBundle = try Self.callerBundle(caCertificates)
    let credential = BearerCredential(token: text)
    let named = trust.policy.federations(issuer: claims.issuer, subject: claims.subject)
    var others: [Candidate] = []
    var reason = "no Authorization with a KubernetesFederation names the token's issuer"
    for reference in trust.policy.federations(issuer: claims.issuer) {
      guard reference.kind == "KubernetesFederation", let federation = trust.federations[reference] else { continue }
      guard claims.isMeant(for: federation.audiences) else {
        reason = "the token is meant for another audience"
        continue
      }
      let isNamed = named.contains(reference)
      do {
        let bundle = try bundles.bundle(of: federation, named: reference) ?? callerBundle
        let source = KeySetCache.Source(federation: reference, url: federation.url)
        let candidate = Candidate(
          request: KeySetCache.Request(
            source: source, bundle: bundle, keyID: token.keyID, credential: isNamed ? credential : nil))
        if isNamed { candidates.append(candidate) } else { others.append(candidate) }
      } catch {
        reason = error.reason
      }
    }
    namedCount = candidates.count
    candidates += others
    guard !candidates.isEmpty else { throw Refusal(reason) }
  }

  /// Goes as far as it can without waiting. After ``Step/wait(_:)`` the flights are awaited and it is called again.
  mutating func advance(_ keySets: KeySetCache) -> Step {
    while true {
      let isNamedStage = stage == .named || stage == .namedRefreshed
      let range = isNamedStage ? 0..<namedCount : namedCount..<candidates.count
      let unresolved = range.compactMap { askMemory($0, keySets) }
      let isVerified = candidates[range].contains { if case .verified = $0.state { true } else { false } }
      var flights: [KeySetFlight] = []
      for need in unresolved where mayFetch(need, isVerified: isVerified) {
        let index = need.index
        switch keySets.lookup(candidates[index].request, effort: .fetch) {
        case .wait(let flight): flights.append(flight)
        case .busy:
          guard isVerified else { return .busy }
          candidates[index].state = .unavailable
        case let answer: settle(index, answer, keySets)
        }
      }
      if !flights.isEmpty {
        rounds += 1
        return .wait(flights)
      }
      if let verified = verifiedStep(range) { return verified }
      guard let next = Stage(rawValue: stage.rawValue + 1) else { return .refused(reason) }
      stage = next
      rounds = 0
    }
  }

  /// A candidate that memory alone cannot settle.
  private struct Need {
    let index: Int
    let onlyForUnknownKey: Bool
    let isDown: Bool
  }

  /// Settles one open candidate from memory, or says what that would take.
  private mutating func askMemory(_ index: Int, _ keySets: KeySetCache) -> Need? {
    guard case .open = candidates[index].state else { return nil }
    let answer = keySets.lookup(candidates[index].request, effort: .cachedOnly)
    if case .needsFetch(let onlyForUnknownKey, let isDown) = answer {
      return Need(index: index, onlyForUnknownKey: onlyForUnknownKey, isDown: isDown)
    }
    settle(index, answer, keySets)
    return nil
  }

  /// Whether it is worth a fetch, once it is known whether another federation verified the token.
  private mutating func mayFetch(_ need: Need, isVerified: Bool) -> Bool {
    if rounds >= Self.maximumRounds || (isVerified && need.isDown) {
      candidates[need.index].state = .unavailable
      return false
    }
    guard need.onlyForUnknownKey else { return true }
    return !isVerified && (stage == .namedRefreshed || stage == .othersRefreshed)
  }

  private mutating func settle(_ index: Int, _ answer: KeySetCache.Answer, _ keySets: KeySetCache) {
    switch answer {
    case .keys(let keys, let fingerprint, let isProven):
      guard keys.contains(where: { token.isSigned(by: $0) }) else {
        candidates[index].state = .refused("the signature does not fit the federation's key")
        return
      }
      if !isProven { keySets.noteVerified(candidates[index].request.source, fingerprint: fingerprint) }
      candidates[index].state = .verified
    case .refused(.unknownKey): candidates[index].state = .refused(KeyRefusal.unknownKey.rawValue)
    case .refused(.unavailable): candidates[index].state = .unavailable
    case .needsFetch, .wait, .busy: break
    }
  }

  private func verifiedStep(_ range: Range<Int>) -> Step? {
    var federations: Set<FederationReference> = []
    var isFinal = true
    for candidate in candidates[range] {
      switch candidate.state {
      case .verified: federations.insert(candidate.request.source.federation)
      case .unavailable: isFinal = false
      case .open, .refused: break
      }
    }
    guard !federations.isEmpty else { return nil }
    let identity = VerifiedIdentity(
      method: .oidc, provider: claims.issuer, subject: claims.subject, kubernetes: claims.kubernetes,
      federations: federations, expiresAtSeconds: claims.expiresAt, trustGeneration: generation)
    return .verified(identity, isFinal: isFinal)
  }

  /// The most telling reason: a wrong signature says more than an issuer that could not be asked.
  private var reason: String {
    for candidate in candidates {
      if case .refused(let reason) = candidate.state { return reason }
    }
    return KeyRefusal.unavailable.rawValue
  }

  private static func callerBundle(_ caCertificates: [UInt8]) throws(Refusal) -> CertificateBundle? {
    guard !caCertificates.isEmpty else { return nil }
    do {
      return try CertificateBundle(pem: caCertificates)
    } catch {
      throw Refusal("the caller's ca.crt: \(error)")
    }
  }
}
