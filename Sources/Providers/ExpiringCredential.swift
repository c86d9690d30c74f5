import FederationAPI

/// A credential that somebody gives for a while: got once for all who want it at a time, and again before it ends, or when
/// what it was got with has changed.
actor ExpiringCredential<Value: Sendable> {
  /// A credential, and until when it is given out.
  struct Lease: Sendable {
    let value: Value
    let usableUntil: MonotonicTime

    /// One that ends in `seconds`. It is renewed a little before, so that no request carries one that ends on the way.
    init(_ value: Value, lifetimeSeconds seconds: Double) {
      self.value = value
      usableUntil = MonotonicTime.now.advanced(bySeconds: seconds - min(300, seconds / 4))
    }
  }

  private let revision: @Sendable () -> UInt64
  private var knownRevision: UInt64
  private let obtain: @Sendable (_ deadline: MonotonicTime) async throws(BackendError) -> Lease
  private var lease: Lease?
  private var flight: Task<Result<Lease, BackendError>, Never>?

  /// `obtain` asks for one until the deadline of whoever came first. It goes on when one who waits is cancelled, as others
  /// may wait too. A credential is for the `revision` at which it was asked for.
  init(
    revision: @escaping @Sendable () -> UInt64 = { 0 },
    _ obtain: @escaping @Sendable (_ deadline: MonotonicTime) async throws(BackendError) -> Lease
  ) {
    self.revision = revision
    knownRevision = revision()
    self.obtain = obtain
  }

  /// The credential.
  func value(deadline: MonotonicTime) async throws(BackendError) -> Value {
    let revision = revision()
    if revision != knownRevision {
      knownRevision = revision
      (lease, flight) = (nil, nil)
    }
    if let lease, MonotonicTime.now < lease.usableUntil { return lease.value }
    let flight =
      flight
      ?? Task { [obtain] in
        do throws(BackendError) { return .success(try await obtain(deadline)) } catch { return .failure(error) }
      }
    self.flight = flight
    let result = await flight.value
    if self.flight == flight {
      self.flight = nil
      lease = try? result.get()
    }
    return try result.get().value
  }

  /// Forgets the credential, as it was refused.
  func discard() { lease = nil }
}
