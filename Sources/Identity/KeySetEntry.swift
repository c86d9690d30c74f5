import FederationAPI

/// One key set, as fetched over one trust, and what is known of the attempts to fetch it.
///
/// A class, so that its place in a table can be looked at without a copy. The lock of the cache guards it.
final class KeySetEntry {
  /// What a lookup may do.
  enum Decision {
    case use([JSONWebKey])
    /// As `use`, and a fetch is due that nobody needs to wait for.
    case useAndRefresh([JSONWebKey])
    case refuse(KeyRefusal)
    /// Fetch, or join the fetch under way.
    case fetch
  }

  /// The bundle that the issuer's TLS is verified with, nil for the system's roots.
  let caCertificates: [UInt8]?
  private(set) var keys: JSONWebKeySet?
  /// The fetch under way.
  var flight: KeySetFlight?
  /// Whether these keys verified a token: then they are the last to be dropped.
  var hasVerified = false
  /// For dropping the one that was not asked for the longest.
  private(set) var lastUsedAt: MonotonicTime
  private var fetchedAt: MonotonicTime?
  private var failedAt: MonotonicTime?
  private var attemptedAt: MonotonicTime?
  private var refusedCredentials: [[UInt8]: MonotonicTime] = [:]
  private static let maximumRefusedCredentials = 256

  init(caCertificates: [UInt8]?, now: MonotonicTime) {
    self.caCertificates = caCertificates
    lastUsedAt = now
  }

  /// Whether the last attempt failed; a call that has another way need not wait for this one.
  var isDown: Bool { failedAt != nil }

  /// Entries of lower rank are dropped first: an outsider can make ranks 0 and 1, not 2.
  var rank: Int { hasVerified ? 2 : keys == nil ? 0 : 1 }

  /// Keys of that ID which may be used without asking anyone.
  func usableKeys(_ keyID: String, now: MonotonicTime, settings: AuthenticatorSettings) -> [JSONWebKey] {
    guard let keys, let fetchedAt else { return [] }
    let seconds = isDown ? settings.staleKeySetSeconds : settings.keySetSeconds
    return now < fetchedAt.advanced(bySeconds: seconds) ? keys[keyID] : []
  }

  /// Decides for a caller whose token names `keyID`; `credential` is set when the token may be sent.
  func decide(
    keyID: String, credential: BearerCredential?, now: MonotonicTime, settings: AuthenticatorSettings
  ) -> Decision {
    lastUsedAt = now
    let usable = usableKeys(keyID, now: now, settings: settings)
    let isFailureFresh = isRecent(failedAt, settings.failureSeconds, now)
    if !usable.isEmpty {
      let isRefreshDue =
        flight == nil && !isRecent(fetchedAt, settings.keySetRefreshSeconds, now) && !isFailureFresh
        && !isRefused(credential, now: now, settings: settings)
      return isRefreshDue ? .useAndRefresh(usable) : .use(usable)
    }
    if flight != nil { return .fetch }
    let areKeysFresh = isRecent(fetchedAt, settings.keySetSeconds, now)
    if areKeysFresh && isRecent(attemptedAt, settings.unknownKeyRefreshSeconds, now) { return .refuse(.unknownKey) }
    if isFailureFresh { return .refuse(.unavailable) }
    if isRefused(credential, now: now, settings: settings) { return .refuse(.unavailable) }
    return .fetch
  }

  /// Until when what these usable keys verify needs no second look: as long as they are used without a newer look at the
  /// issuer. While the issuer is down that is until it is tried again, so that a newer set counts once it can be had.
  func goodUntil(now: MonotonicTime, settings: AuthenticatorSettings) -> MonotonicTime {
    guard let fetchedAt else { return now }
    if isDown {
      let end = fetchedAt.advanced(bySeconds: settings.staleKeySetSeconds)
      return min(end, now.advanced(bySeconds: settings.failureSeconds))
    }
    let refresh = fetchedAt.advanced(bySeconds: settings.keySetRefreshSeconds)
    return now < refresh ? refresh : fetchedAt.advanced(bySeconds: settings.keySetSeconds)
  }

  private func isRefused(
    _ credential: BearerCredential?, now: MonotonicTime, settings: AuthenticatorSettings
  ) -> Bool {
    !refusedCredentials.isEmpty && isRecent(refusedCredentials[credential?.digest ?? []], settings.failureSeconds, now)
  }

  /// Whether the keys need no fetch but for an ID that they do not have.
  func hasFreshKeys(now: MonotonicTime, settings: AuthenticatorSettings) -> Bool {
    isRecent(fetchedAt, settings.keySetSeconds, now)
  }

  /// Takes over how the fetch ended. True when the issuer has withdrawn a key.
  func finish(_ outcome: IssuerClient.Outcome, credential: [UInt8]?, now: MonotonicTime) -> Bool {
    flight = nil
    switch outcome {
    case .keys(let keys):
      let isWithdrawn = self.keys.map { !$0.areAll(in: keys) } ?? false
      self.keys = keys
      fetchedAt = now
      failedAt = nil
      attemptedAt = now
      refusedCredentials = [:]
      return isWithdrawn
    case .failed:
      failedAt = now
      attemptedAt = now
    case .credentialRefused:
      // Said of this caller's token only: another's may be accepted, so that nobody else is kept from trying.
      if refusedCredentials.count >= Self.maximumRefusedCredentials { refusedCredentials = [:] }
      refusedCredentials[credential ?? []] = now
    }
    return false
  }

  private func isRecent(_ moment: MonotonicTime?, _ seconds: Double, _ now: MonotonicTime) -> Bool {
    moment.map { now < $0.advanced(bySeconds: seconds) } ?? false
  }
}

/// Why there is no key for a token.
enum KeyRefusal: String, Sendable {
  /// The issuer's keys are known, and the token's is not among them.
  case unknownKey = "the token's key is not among the federation's keys"
  /// The issuer's keys could not be fetched.
  case unavailable = "the federation's keys cannot be fetched"
}
