import FederationAPI

/// Tells a backend that is down from a key that it cannot answer: a caller who asks for such a key again and again must not
/// have the store taken for down. While a backend answers about others, the failures of one key alone are that key's, and it
/// is left alone for a moment after each.
struct FailingKeys {
  /// How long an answer about another key speaks for the backend, in seconds.
  static let answeredSeconds = 30.0
  /// How long a key is left alone, in seconds.
  static let pauseSeconds = 1.0
  /// How many keys are left alone at most.
  private static let maximumCount = 1_024

  /// What was answered last, that there is no such key included.
  private(set) var answered: ProviderKey?
  private var answeredAt = MonotonicTime(nanoseconds: 0)
  /// The key that failed since then; nil for none.
  private var failing: ProviderKey?
  private var severalFail = false
  private var pauses: [ProviderKey: MonotonicTime] = [:]

  /// Whether `key` is to be left alone.
  func isPaused(_ key: ProviderKey, at now: MonotonicTime) -> Bool { pauses[key].map { now < $0 } ?? false }

  /// The backend answered about `key`.
  mutating func succeeded(_ key: ProviderKey, at now: MonotonicTime) {
    (answered, answeredAt) = (key, now)
    (failing, severalFail) = (nil, false)
    pauses[key] = nil
  }

  /// The backend failed to answer about `key`. True when that is the key's failure, and not the backend's.
  mutating func failed(_ key: ProviderKey, at now: MonotonicTime) -> Bool {
    if let failing, failing != key { severalFail = true }
    failing = key
    guard !severalFail, let answered, answered != key, now < answeredAt.advanced(bySeconds: Self.answeredSeconds) else {
      return false
    }
    if pauses.count >= Self.maximumCount { pauses = pauses.filter { now < $0.value } }
    if pauses.count < Self.maximumCount { pauses[key] = now.advanced(bySeconds: Self.pauseSeconds) }
    return true
  }
}
