import FederationAPI

/// What a backend said of a key, and when.
struct CachedSecret: Sendable {
  enum Content: Sendable {
    case value(SecretBytes, version: String?)
    /// ``BackendError/notFound`` or another that asking at once again would not change.
    case failure(BackendError)
  }

  var content: Content
  var askedAt: MonotonicTime
  /// Whether somebody fetches it again already, ahead of its time.
  var isBeingRefreshed = false

  /// Seconds since the backend was asked.
  func age(at now: MonotonicTime) -> Double { Double(askedAt.nanoseconds(until: now)) / 1e9 }

  /// The value, nil for a failure.
  var value: SecretBytes? { if case .value(let value, _) = content { value } else { nil } }

  /// The value's version.
  var version: String? { if case .value(_, let version) = content { version } else { nil } }

  /// Bytes that it takes beside its key.
  var byteCount: Int {
    switch content {
    case .value(let value, let version): value.count + (version?.utf8.count ?? 0)
    case .failure: 0
    }
  }
}
