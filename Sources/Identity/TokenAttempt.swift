import Crypto
import FederationAPI
import Policy

/// One token on its way to an identity: which federations may vouch for it, and what they said so far.
///
/// Federations that an Authorization for the token's issuer and subject names come first, and all of them that
/// verify the token count. The others are asked only when none of those did: they can add no permission, but a
/// caller with a good token is authenticated even when nothing is granted to it.
struct TokenAttempt: Sendable {
  enum Step: Sendable {
    /// `isFinal` is false when a federation could not be asked that may vouch for the token, too.
    case verified(KnownIdentity, isFinal: Bool)
    case refused(String)
    case wait([KeySetFlight])
    case busy
  }

  private struct Candidate: Sendable {
    enum State { case open, verified(JSONWebKey, KeyStanding), refused(String), unavailable }
    let request: KeySetCache.Request
    let method: AuthenticationMethod
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
    let federations = trust.issuers.federations(of: claims.issuer, trust, bundles)
    var reason = federations.problem
    for member in federations.members {
      guard claims.isMeant(for: member.rules.audiences) else {
        reason = "the token is meant for another audience"
        continue
      }
      guard !claims.isNamedByClientID || member.rules.takesClientID else {
        reason = "the claim sub is not a string"
        continue
      }
      let isCluster = member.rules.isCluster
      let isNamed = named.holds(member.source.federation)
      switch member.bundle {
      case .success(let bundle):
        let candidate = Candidate(
          request: KeySetCache.Request(
            source: member.source, bundle: isCluster ? bundle ?? callerBundle : bundle, keyID: token.keyID,
            credential: isNamed && isCluster ? credential : nil),
          method: member.rules.method)
        if isNamed { candidates.append(candidate) } else { others.append(candidate) }
      case .failure(let refusal):
        reason = refusal.reason
      }
    }
    namedCount = candidates.count
    if !others.isEmpty { candidates += others }
    guard !candidates.isEmpty else { throw Refusal(reason) }
  }

  /// Goes as far as it can without waiting. After ``Step/wait(_:)`` the flights are awaited and it is called again.
  mutating func advance(_ keySets: KeySetCache) -> Step {
    while true {
      let isNamedStage = stage == .named || stage == .namedRefreshed
      let range = isNamedStage ? 0..<namedCount : namedCount..<candidates.count
      var unresolved: [Need] = []
      var isVerified = false
      for index in range {
        if let need = askMemory(index, keySets) { unresolved.append(need) }
        if case .verified = candidates[index].state { isVerified = true }
      }
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
    case .keys(let keys, let fingerprint, let isProven, let standing):
      guard let key = keys.first(where: { token.isSigned(by: $0) }) else {
        candidates[index].state = .refused("the signature does not fit the federation's key")
        return
      }
      if !isProven { keySets.noteVerified(candidates[index].request.source, fingerprint: fingerprint) }
      candidates[index].state = .verified(key, standing)
    case .refused(.unknownKey): candidates[index].state = .refused(KeyRefusal.unknownKey.rawValue)
    case .refused(.unavailable): candidates[index].state = .unavailable
    case .needsFetch, .wait, .busy: break
    }
  }

  private func verifiedStep(_ range: Range<Int>) -> Step? {
    var federations: Set<FederationReference> = []
    var isFinal = true
    var method = AuthenticationMethod.spiffe
    var isCluster = false
    var keys: [ProvenKeys.Key] = []
    var standing = KeyStanding(until: MonotonicTime(nanoseconds: .max), withdrawals: .max)
    for index in range {
      switch candidates[index].state {
      case .verified(let key, let found):
        let request = candidates[index].request
        let source = request.source
        keys.append(
          ProvenKeys.Key(
            source: source, bundle: request.bundle, keyID: request.keyID, key: key,
            takesCredential: request.credential != nil))
        standing = standing.and(found)
        if candidates[index].method.rank < method.rank { method = candidates[index].method }
        if case .cluster = source.location { isCluster = true }
        if federations.isEmpty { federations = source.alone } else { federations.insert(source.federation) }
      case .unavailable: isFinal = false
      case .open, .refused: break
      }
    }
    guard !federations.isEmpty else { return nil }
    let known = KnownIdentity(
      VerifiedIdentity(
        method: method, provider: claims.issuer, subject: claims.subject,
        kubernetes: isCluster ? claims.kubernetes : nil,
        hasIncompleteWorkload: isCluster && claims.hasIncompleteWorkload, federations: federations,
        expiresAtSeconds: claims.expiresAt, trustGeneration: generation,
        proof: ProofReference(ProvenKeys(keys, standing))))
    return .verified(known, isFinal: isFinal)
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
