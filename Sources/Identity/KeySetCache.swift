import Crypto
import FederationAPI
import Logging
import Resources
import Synchronization

/// The issuers' keys: fetched once for all who ask at the same time, kept for a while, refreshed within limits.
///
/// The lock is held for table lookups only, never while anything is fetched.
final class KeySetCache: Sendable {
  /// Which keys a token needs.
  final class Request: Sendable {
    let source: Source
    /// The federation's own bundle or else the caller's; nil when neither has one, and then any set will do.
    let bundle: CertificateBundle?
    let keyID: String
    /// Set only when an Authorization for the token's issuer and subject names the federation.
    let credential: BearerCredential?

    init(source: Source, bundle: CertificateBundle?, keyID: String, credential: BearerCredential?) {
      self.source = source
      self.bundle = bundle
      self.keyID = keyID
      self.credential = credential
    }
  }

  /// How far a lookup may go.
  enum Effort { case cachedOnly, fetch }

  enum Answer: Sendable {
    /// Keys of that ID, from the set with that fingerprint; `isProven` when one of the set verified a token before, and
    /// how far they are known to be the federation's.
    case keys([JSONWebKey], fingerprint: [UInt8], isProven: Bool, KeyStanding)
    case refused(KeyRefusal)
    /// With ``Effort/cachedOnly``: a fetch would have to tell.
    case needsFetch(onlyForUnknownKey: Bool, isDown: Bool)
    /// Ask again when the flight is over.
    case wait(KeySetFlight)
    /// Every place for a bundle is taken by one that is being fetched.
    case busy
  }

  private typealias Start = FederationKeySets.Start
  private let issuers: IssuerClient
  private let settings: AuthenticatorSettings
  private let log: Log
  // Callers' bundles have keys fetched.
  private let fetchedLines = LogLimit(linesPerSecond: 20)
  private let notFetchedLines = LogLimit(linesPerSecond: 20)
  private let leftOutLines = LogLimit(linesPerSecond: 20)
  private let sources = Mutex<[Source: FederationKeySets]>([:])
  /// Changed under the lock of ``sources`` only.
  private let withdrawn = Atomic<UInt64>(0)
  private let listeners = Mutex<[@Sendable () -> Void]>([])

  init(issuers: IssuerClient, settings: AuthenticatorSettings, log: Log) {
    self.issuers = issuers
    self.settings = settings
    self.log = log
  }

  /// Answers from memory, or starts or joins the fetch that has to be awaited before asking again.
  func lookup(_ request: Request, effort: Effort) -> Answer {
    let now = settings.monotonicClock()
    let (answer, start) = sources.withLock { sources in
      // By its index, so that it is changed in place and found only once.
      if let index = sources.place(of: request.source) {
        return lookup(request, effort: effort, in: &sources.values[index], now: now)
      }
      var sets = FederationKeySets()
      defer { if !sets.entries.isEmpty { sources[request.source] = sets } }
      return lookup(request, effort: effort, in: &sets, now: now)
    }
    if let start { launch(start, source: request.source) }
    return answer
  }

  /// How many fetches have shown that an issuer has withdrawn a key.
  var withdrawals: UInt64 { withdrawn.load(ordering: .acquiring) }

  /// Whether keys need no look now.
  func isKnownGood(_ standing: KeyStanding) -> Bool {
    standing.withdrawals == withdrawals && settings.monotonicClock() < standing.until
  }

  /// Runs `body` each time that an issuer has withdrawn a key.
  func whenKeysAreWithdrawn(_ body: @escaping @Sendable () -> Void) { listeners.withLock { $0.append(body) } }

  /// Notes that a key of the set verified a token.
  func noteVerified(_ source: Source, fingerprint: [UInt8]) {
    sources.withLock { $0[source]?.entries[fingerprint]?.hasVerified = true }
  }

  /// Drops the key sets of federations that are gone or have moved.
  func keepOnly(_ federations: [FederationReference: Federation]) {
    sources.withLock { sources in
      sources = sources.filter { source, sets in
        sets.isFetching || federations[source.federation].flatMap(FederationRules.init)?.keys == source.location
      }
    }
  }

  /// How many key sets are held, for tests and metrics.
  var count: Int { sources.withLock { $0.values.reduce(0) { $0 + $1.entries.count } } }

  private func lookup(
    _ request: Request, effort: Effort, in sets: inout FederationKeySets, now: MonotonicTime
  ) -> (Answer, Start?) {
    let fingerprint =
      request.bundle?.fingerprint ?? sets.preferredFingerprint(request.keyID, now: now, settings: settings)
    return lookup(request, fingerprint, effort: effort, in: &sets, now: now)
  }

  private func lookup(
    _ request: Request, _ fingerprint: [UInt8], effort: Effort, in sets: inout FederationKeySets, now: MonotonicTime
  ) -> (Answer, Start?) {
    guard let index = sets.entries.place(of: fingerprint) else {
      if effort == .cachedOnly { return (.needsFetch(onlyForUnknownKey: false, isDown: false), nil) }
      guard sets.makeRoom(maximum: settings.maximumBundlesPerFederation) else { return (.busy, nil) }
      sets.entries[fingerprint] = KeySetEntry(caCertificates: request.bundle?.pem, now: now)
      return lookup(request, fingerprint, effort: effort, in: &sets, now: now)
    }
    let entry = sets.entries.values[index]
    let decision = entry.decide(
      keyID: request.keyID, credential: request.credential, now: now, settings: settings)
    switch decision {
    case .use(let keys):
      return (answer(keys, fingerprint, entry, now), nil)
    case .useAndRefresh(let keys):
      let start = begin(request, fingerprint, entry, &sets)
      return (answer(keys, fingerprint, entry, now), start.now)
    case .refuse(let refusal):
      return (.refused(refusal), nil)
    case .fetch:
      if effort == .cachedOnly {
        let onlyForUnknownKey = entry.hasFreshKeys(now: now, settings: settings)
        return (.needsFetch(onlyForUnknownKey: onlyForUnknownKey, isDown: entry.isDown), nil)
      }
      if let flight = entry.flight { return (.wait(flight), nil) }
      let start = begin(request, fingerprint, entry, &sets)
      return (.wait(start.flight), start.now)
    }
  }

  private func answer(
    _ keys: [JSONWebKey], _ fingerprint: [UInt8], _ entry: KeySetEntry, _ now: MonotonicTime
  ) -> Answer {
    // Read under the lock under which a key is withdrawn: nothing is proved by a key that was, under the later number.
    let standing = KeyStanding(until: entry.goodUntil(now: now, settings: settings), withdrawals: withdrawals)
    return .keys(keys, fingerprint: fingerprint, isProven: entry.hasVerified, standing)
  }

  private func begin(
    _ request: Request, _ fingerprint: [UInt8], _ entry: KeySetEntry, _ sets: inout FederationKeySets
  ) -> (flight: KeySetFlight, now: Start?) {
    let start = Start(
      fingerprint: fingerprint, caCertificates: entry.caCertificates, credential: request.credential)
    entry.flight = start.flight
    return (start.flight, sets.begin(start, maximum: settings.maximumFetchesPerFederation))
  }

  private func launch(_ start: Start, source: Source) {
    // A task of its own: the fetch goes on for the others when the call that began it is given up.
    Task {
      let outcome = await issuers.fetchKeys(
        source.location, caCertificates: start.caCertificates, credential: start.credential?.token)
      finish(start, source: source, outcome: outcome)
    }
  }

  private func finish(_ start: Start, source: Source, outcome: IssuerClient.Outcome) {
    let now = settings.monotonicClock()
    let (next, hasOlderKeys, isWithdrawn) = sources.withLock { sources -> (Start?, Bool, Bool) in
      guard var sets = sources.removeValue(forKey: source) else { return (nil, false, false) }
      defer { sources[source] = sets }
      let hasOlderKeys = sets.entries[start.fingerprint]?.keys != nil
      let entry = sets.entries[start.fingerprint]
      let isWithdrawn = entry?.finish(outcome, credential: start.credential?.digest, now: now) ?? false
      if isWithdrawn { withdrawn.add(1, ordering: .releasing) }
      return (sets.end(), hasOlderKeys, isWithdrawn)
    }
    note(outcome, source: source, hasOlderKeys: hasOlderKeys)
    if isWithdrawn {
      log.write(.info, "keys_withdrawn", ["federation": "\(source.federation)"])
      for body in listeners.withLock({ $0 }) { body() }
    }
    start.flight.finish()
    if let next { launch(next, source: source) }
  }

  private func note(_ outcome: IssuerClient.Outcome, source: Source, hasOlderKeys: Bool) {
    let federation = "\(source.federation)"
    let now = settings.monotonicClock().nanoseconds
    switch outcome {
    case .keys(let keys):
      log.write(
        .info, "keys_fetched", within: fetchedLines, at: now, ["federation": federation, "keys": "\(keys.count)"])
      if keys.leftOut > 0 {
        log.write(
          .warning, "keys_left_out", within: leftOutLines, at: now,
          [
            "federation": federation, "left_out": "\(keys.leftOut)",
            "reason":
              "of a key set the first \(JSONWebKeySet.maximumKeys) keys are taken; have the issuer publish fewer",
          ])
      }
    case .failed(let reason):
      log.write(
        .warning, "keys_not_fetched", within: notFetchedLines, at: now,
        ["federation": federation, "reason": reason, "using": hasOlderKeys ? "the last good keys" : "none"])
    case .credentialRefused:
      log.write(
        .info, "keys_not_fetched", within: notFetchedLines, at: now,
        ["federation": federation, "reason": "the issuer refuses the caller's credentials"])
    }
  }
}
