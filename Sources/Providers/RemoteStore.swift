import FederationAPI
import Logging
import Resources
import SecretStores
import Synchronization

/// A ClusterSecretStore whose values a ``Provider`` fetches.
///
/// A value is given from memory until it is ``CachePolicy/refreshSeconds`` old; one that is asked for late in that time is
/// fetched again ahead of its end. Afterwards it is given only while the backend errs, within
/// ``CachePolicy/maximumStaleSeconds``.
public final class RemoteStore: MemoryStore {
  /// Which part of its time a value has behind it when it is fetched again.
  private static let refreshPart = 0.75

  private let name: String
  let provider: any Provider
  private let times: CacheTimes
  let settings: BackendSettings
  private let cache: SecretCache
  /// This store's entries in the cache.
  private let id: UInt64
  let calls: BackendCalls
  let fetches: SharedFetches<ProviderKey, CachedSecret>
  let listings: SharedFetches<TagFilter, [String]>
  let probes: ProbeSchedule
  let lines: RemoteStoreLines
  /// What outlives this store when another takes its place.
  let counts: StoreCounts

  /// Answers from `cache` and asks `provider`. `log` gets the reasons that callers must not see.
  public init(
    name: String, provider: any Provider, policy: CachePolicy, cache: SecretCache,
    settings: BackendSettings = BackendSettings(), counts: StoreCounts = StoreCounts(), log: Log
  ) {
    var settings = settings
    settings.timeoutSeconds = max(settings.timeoutSeconds, provider.timeoutSeconds)
    self.counts = counts
    self.name = name
    self.provider = provider
    times = CacheTimes(policy)
    self.settings = settings
    self.cache = cache
    id = Self.nextID.add(1, ordering: .relaxed).newValue
    let calls = BackendCalls(store: name, settings: settings, counts: counts, log: log)
    self.calls = calls
    fetches = SharedFetches(maximumWaiting: settings.waitingCalls) { place, party in calls.join(place, party) }
    listings = SharedFetches(maximumWaiting: settings.waitingCalls)
    probes = ProbeSchedule(settings)
    lines = RemoteStoreLines(store: name, log: log, clock: settings.monotonicClock)
  }

  private static let nextID = Atomic<UInt64>(0)

  /// Questions that the backend was asked, attempts counted.
  public var backendRequests: Int { Int(counts.asked.load(ordering: .relaxed)) }

  /// Values that were given past their time, because the backend erred.
  public var staleCount: Int { Int(counts.stale.load(ordering: .relaxed)) }

  /// Counts and gauges of now.
  public var measures: StoreMeasures {
    let usage = cache.usage(of: id)
    return StoreMeasures(
      name: name, hits: counts.hits.load(ordering: .relaxed), misses: counts.misses.load(ordering: .relaxed),
      stale: counts.stale.load(ordering: .relaxed), backendRequests: counts.asked.load(ordering: .relaxed),
      backendOutages: counts.outages.load(ordering: .relaxed),
      backendRefusals: counts.refusals.load(ordering: .relaxed), isDown: calls.isTripped, bytes: usage.bytes,
      entries: usage.entries)
  }

  /// Answers from memory, or asks the backend.
  public func read(_ reference: SecretReference) -> Reply<SecretBytes> { read(reference, nil, for: nil) }

  /// As the other form; where `freshness` asks for it, the backend is asked in any case, after this call.
  public func read(
    _ reference: SecretReference, _ freshness: ReadFreshness?, for caller: VerifiedIdentity?
  ) -> Reply<SecretBytes> {
    let key = ProviderKey(
      name: reference.key, version: reference.version, property: provider.readsProperties ? reference.property : nil)
    if freshness?.asksBackend != true,
      let fresh = fresh(key.name.utf8.span.bytes, version: key.variant.utf8.span.bytes)
    {
      counts.hits.add(1, ordering: .relaxed)
      return .ready(answer(fresh, reference))
    }
    counts.misses.add(1, ordering: .relaxed)
    return .pending { [self] in await fetch(key, reference, freshness, caller) }
  }

  /// The newest whole value of `key` while it is fresh.
  public func valueInMemory(_ key: RawSpan) -> SecretBytes? {
    fresh(key, version: RawSpan())?.value
  }

  /// Logs in to the backend and makes one harmless call: what that has shown, or why it failed, for the operator.
  public func check() async -> Result<BackendProof, BackendError> {
    let result = await calls.ask(.read) { [provider] deadline throws(BackendError) in
      try await provider.check(deadline: deadline)
    }
    if case .failure = result { probeInTime() }
    return result
  }

  /// Gives values for other times from now on.
  func change(_ policy: CachePolicy) { times.change(policy) }

  /// Ends what the provider keeps running, and forgets every value. Reads that are under way are still answered.
  func close() {
    probes.close()
    provider.close()
    cache.removeAll(id)
  }
}

extension RemoteStore {
  /// What is in memory and young enough. The first who finds it old for that has it fetched again.
  private func fresh(_ name: RawSpan, version: RawSpan) -> CachedSecret? {
    let now = settings.monotonicClock()
    guard
      let (secret, isClaimed) = cache.secret(
        id, name, version: version, claimsRefresh: { isDue($0, at: now) && !calls.isDown }),
      isFresh(secret, at: now)
    else { return nil }
    if isClaimed {
      let key = ProviderKey(
        name: name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) },
        variant: version.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
      probes.noteCall(for: key)
      let isBegun = fetches.begin(key) { [self] turn in await ask(key, secret, turn) }
      if !isBegun { cache.endRefresh(id, name, version: version) }
    }
    return secret
  }

  private func isFresh(_ secret: CachedSecret, at now: MonotonicTime) -> Bool {
    let seconds =
      switch secret.content {
      case .value: times.refreshSeconds
      case .failure(.notFound): min(settings.missingSeconds, times.refreshSeconds)
      case .failure: min(settings.refusedSeconds, times.refreshSeconds)
      }
    return secret.age(at: now) < seconds
  }

  private func isDue(_ secret: CachedSecret, at now: MonotonicTime) -> Bool {
    let age = secret.age(at: now)
    return secret.value != nil && age >= times.refreshSeconds * Self.refreshPart && age < times.refreshSeconds
  }

  private func mayBeStale(_ secret: CachedSecret?, at now: MonotonicTime) -> Bool {
    guard let secret, secret.value != nil else { return false }
    return secret.age(at: now) < times.refreshSeconds + times.maximumStaleSeconds
  }

  private func fetch(
    _ key: ProviderKey, _ reference: SecretReference, _ freshness: ReadFreshness?, _ caller: VerifiedIdentity?
  ) async -> Result<SecretBytes, RPCError> {
    let older = cached(key)
    let asksBackend = freshness?.asksBackend == true
    let patience = mayBeStale(older, at: settings.monotonicClock()) ? self.patience(freshness?.deadline) : nil
    let isAskable = provider.refusal(of: key) == nil
    if isAskable { probes.noteCall(for: key) }
    // Nobody waits, nor takes a place from others, for a backend that is not asked. The store finds out by itself when it
    // is back: for that waits, or asks it where nobody did for long, who has nothing else.
    var failure = BackendError.unavailable(reason: "it was down a moment ago")
    var refused: RPCError?
    let isAsked =
      patience == nil ? !calls.isDown || calls.isBeingProbed || !isAskable : !calls.isTripped
    if !isAsked {
      probeInTime()
    } else {
      let outcome = await fetches.answer(
        key, asksBackend: asksBackend, of: caller?.shareName, patience: patience
      ) { [self] turn in
        // The fetch that this call missed the value by may have ended since.
        let newest = cached(key)
        if !asksBackend, let newest, isFresh(newest, at: settings.monotonicClock()) { return .success(newest) }
        return await ask(key, newest, turn)
      }
      switch outcome {
      case .answered(.success(let secret)): return answer(secret, reference)
      case .answered(.failure(let error)): failure = error
      case .full: failure = .busy(retryAfterSeconds: nil)
      case .late: failure = .timedOut(reason: "it took longer than a caller with an older value waits")
      case .overShare:
        failure = .busy(retryAfterSeconds: nil)
        refused = .tooManyReads(of: reference.store)
      case .givenUp: return .failure(.givenUp)
      }
    }
    guard let older, failure.isOutage, mayBeStale(older, at: settings.monotonicClock()) else {
      return .failure(refused ?? failure.refusal(of: reference, ofProperty: provider.readsProperties))
    }
    counts.stale.add(1, ordering: .relaxed)
    freshness?.noteStale(seconds: older.age(at: settings.monotonicClock()) - times.refreshSeconds)
    return answer(older, reference)
  }

  /// How long a caller waits that has an older value and, itself, until `deadline`.
  private func patience(_ deadline: MonotonicTime?) -> FetchPatience {
    let now = MonotonicTime.now
    let end = deadline.map { now.advanced(bySeconds: Double(now.nanoseconds(until: $0)) / 1e9 * settings.patiencePart) }
    return FetchPatience(seconds: settings.patienceSeconds, end: end ?? MonotonicTime(nanoseconds: .max))
  }

  func cached(_ key: ProviderKey) -> CachedSecret? {
    cache.secret(id, key.name.utf8.span.bytes, version: key.variant.utf8.span.bytes)?.secret
  }

  /// Asks the backend and keeps what it says.
  func ask(
    _ key: ProviderKey, _ older: CachedSecret?, _ turn: FetchTurn
  ) async -> Result<CachedSecret, BackendError> {
    let known = older?.value == nil ? nil : older?.version
    // When it was asked last, and not when the question got in line.
    let askedAt = Mutex(settings.monotonicClock())
    let result: Result<FetchedSecret, BackendError>
    if let refusal = provider.refusal(of: key) {
      result = .failure(refusal)
    } else {
      result = await calls.ask(.read, about: key, at: turn.place, begins: turn.begins) {
        [provider, settings] deadline throws(BackendError) in
        askedAt.withLock { $0 = settings.monotonicClock() }
        return try await provider.fetch(key, known: known, deadline: deadline)
      }
    }
    let content: CachedSecret.Content
    switch result {
    case .success(.value(let value, let version)): content = .value(value, version: version)
    case .success(.unchanged):
      guard let older else { return .failure(.dataLoss(reason: "it says unchanged of what was never fetched")) }
      content = older.content
    case .failure(let error) where error.isOutage:
      // Cancelled is what was dropped in line: nobody waits for it.
      if !Task.isCancelled { lines.unreadable(error) }
      probeInTime()
      cache.endRefresh(id, key.name.utf8.span.bytes, version: key.variant.utf8.span.bytes)
      return .failure(error)
    case .failure(let error):
      if error != .notFound { lines.refused(key, error) }
      content = .failure(error)
    }
    let secret = CachedSecret(content: content, askedAt: askedAt.withLock { $0 })
    cache.keep(secret, id, key.name.utf8.span.bytes, version: key.variant.utf8.span.bytes)
    return .success(secret)
  }

  private func answer(_ secret: CachedSecret, _ reference: SecretReference) -> Result<SecretBytes, RPCError> {
    switch secret.content {
    case .value(let value, _): provider.readsProperties ? .success(value) : value.property(of: reference)
    case .failure(let error): .failure(error.refusal(of: reference, ofProperty: provider.readsProperties))
    }
  }
}

extension RPCError {
  static let givenUp = RPCError(.cancelled, "the call was given up")

  fileprivate static func tooManyReads(of store: String) -> RPCError {
    RPCError(
      .resourceExhausted, "too many reads of this identity wait for store \"\(store)\"; wait for their answers first",
      retryAfterSeconds: 1)
  }
}
