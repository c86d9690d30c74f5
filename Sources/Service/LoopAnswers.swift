import Crypto
import FederationAPI
import Identity

/// What one event loop knows of callers and snapshots, so that a call whose answer is in memory takes no lock.
///
/// A reload, and a key that an issuer withdraws, shows in ``FederationHandlers/epoch``, which every call compares: then all
/// callers that were remembered are dropped, and a revoked Authorization or key takes effect on the next call.
final class LoopAnswers: ImmediateAnswers {
  /// Callers that are remembered; past it all are forgotten, and those that still call come back.
  private static let maximumCallers = 16_384

  /// Bundles that are shared; past it those of other connections are copies.
  private static let maximumBundles = 16

  let authenticator: Authenticator
  let digests = SHA256Context()
  /// Whether reads have to be in the audit trail.
  let recordsReads: Bool
  private let handlers: FederationHandlers
  private(set) var snapshot: ServiceSnapshot
  /// That of the handlers when all that is remembered began.
  private(set) var epoch: UInt64
  private var callers: [TokenDigest: Caller] = [:]
  private var stores = MemoryStores()
  /// Answers from each of ``stores``, by its place.
  private var answered = InlineArray<64, UInt64>(repeating: 0)
  /// Answers under earlier snapshots.
  private var answeredBefore: [String: UInt64] = [:]
  private var bundles: [[UInt8]] = []
  private var leases = CallLeases()
  private var callersMade: UInt64 = 0
  private var wallSeconds: Int64 = 0
  private var wallReadAt = MonotonicTime(nanoseconds: 0)

  init(handlers: FederationHandlers, authenticator: Authenticator) {
    self.handlers = handlers
    // Before the snapshot: what came in between is looked at once more, never missed.
    epoch = handlers.epoch
    snapshot = handlers.snapshot
    self.authenticator = authenticator
    recordsReads = handlers.issuance != nil
  }

  func session(binding: ConnectionIdentity?, peer: String) -> any ImmediateSession {
    let budget = handlers.callerBudgets.budget(ofPeer: peer)
    return LoopSession(
      answers: self, binding: binding, peer: peer, lease: leases.lease(of: budget), failures: budget.failures)
  }

  /// Takes up the newest snapshot.
  func catchUp() {
    let epoch = handlers.epoch
    guard self.epoch != epoch else { return }
    self.epoch = epoch
    callers.removeAll()
    let newest = handlers.snapshot
    guard newest.generation != snapshot.generation else { return }
    snapshot = newest
    // What is configured no more would never be forgotten otherwise.
    answeredBefore = answersByStore.filter { snapshot.stores[$0.key] != nil }
    answered = InlineArray(repeating: 0)
    stores = MemoryStores()
  }

  var answersByStore: [String: UInt64] {
    var all = answeredBefore
    for (index, entry) in stores.entries.enumerated() { all[entry.name, default: 0] += answered[index] }
    return all
  }

  /// The value of `name` in `store` for `caller`, nil when it may not have it, or when it is not in memory. `mayCall` says
  /// whether the caller's limits allow it. `isNoted` is given the place of the store, and says whether the read is in the
  /// audit trail where it has to be; asked last, so that what is not answered is not noted.
  func value(
    _ store: RawSpan, _ name: RawSpan, for caller: Caller, mayCall: () -> Bool, isNoted: (Int) -> Bool
  ) -> SecretBytes? {
    guard let index = stores.index(of: store, in: snapshot),
      caller.mayRead(stores.entries[index], at: index, snapshot),
      let value = stores.entries[index].store.valueInMemory(name), mayCall(), !recordsReads || isNoted(index)
    else { return nil }
    answered[index] &+= 1
    return value
  }

  /// Notes in the audit trail, as the service does, that `caller` is given `name` of the store at `index`. False when it
  /// cannot be noted.
  @inline(never)
  func journalRead(_ name: RawSpan, ofStore index: Int, for caller: Caller, peer: String) -> Bool {
    guard let key = name.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else { return false }
    let reading = StoreReading(
      caller: VerifiedCaller(caller.identity), peer: peer, freshness: nil, snapshot: snapshot,
      issuance: handlers.issuance, lines: handlers.lines)
    let reference = SecretReference(store: stores.entries[index].name, key: key)
    guard case .success(let granted) = reading.grant(of: reference.store) else { return false }
    reading.journalRead(reference, granted.federations)
    return true
  }

  /// The time in seconds since 1970, read once a turn of the loop.
  func wallSeconds(at now: MonotonicTime) -> Int64 {
    if wallReadAt != now {
      wallReadAt = now
      wallSeconds = authenticator.wallSeconds
    }
    return wallSeconds
  }

  /// The bundle as an array that all who send the same share: mostly a cluster has one.
  func interned(_ bundle: RawSpan) -> [UInt8] {
    if bundle.isEmpty { return [] }
    for known in bundles where bundle.isEqual(to: known) { return known }
    if bundles.count >= LoopAnswers.maximumBundles { bundles.removeAll(keepingCapacity: true) }
    let copy = bundle.withUnsafeBytes { [UInt8]($0) }
    bundles.append(copy)
    return copy
  }

  /// Whoever the token was verified to speak for.
  func caller(_ token: TokenDigest, at now: MonotonicTime) -> Caller? {
    if let known = callers[token], now < known.goodUntil { return known }
    guard let identity = authenticator.knownIdentity(token, trust: snapshot.trust) else { return nil }
    if callers.count >= LoopAnswers.maximumCallers { callers.removeAll(keepingCapacity: true) }
    let fresh = makeCaller(identity)
    callers[token] = fresh
    return fresh
  }

  /// Whoever the token speaks for that ``caller(_:)`` does not know, if it can be verified at once.
  func newcomer(_ token: TokenDigest, authorization: RawSpan, caCertificates: RawSpan) -> Caller? {
    // Whoever comes for the first time may never come again: the connection remembers, the loop not yet.
    let identity = authenticator.verifyAtOnce(
      authorization: authorization, caCertificates: caCertificates, token: token, trust: snapshot.trust)
    return identity.map(makeCaller)
  }

  /// A caller under the snapshot.
  func makeCaller(_ identity: KnownIdentity) -> Caller {
    callersMade += 1
    let lease = leases.lease(of: handlers.callerBudgets.budget(of: identity.identity))
    return Caller(identity, epoch: epoch, serial: callersMade, lease: lease)
  }
}
