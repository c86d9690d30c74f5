import Synchronization

/// What one call asks of the age of values, and what it is told about it.
public final class ReadFreshness: Sendable {
  /// Whether stores are to ask their backends, whatever they have in memory.
  public let asksBackend: Bool
  /// When the caller stops waiting, and an older value is better than a newer one that comes later; nil for no such time.
  public let deadline: MonotonicTime?
  private let oldest = Atomic<UInt32>(0)
  /// Of a call for several values, the age of those that are stale, by place.
  private let stale = Mutex<[Int: UInt32]>([:])

  /// Makes what one call carries.
  public init(asksBackend: Bool = false, deadline: MonotonicTime? = nil) {
    self.asksBackend = asksBackend
    self.deadline = deadline
  }

  /// Notes that a value is given `seconds` past its time, because the backend erred.
  public func noteStale(seconds: Double) {
    // At least 1: 0 says that nothing is stale.
    let seconds = UInt32(exactly: max(1, min(seconds.rounded(.up), 4e9))) ?? 1
    oldest.max(seconds, ordering: .relaxed)
  }

  /// How many seconds past its time the oldest value is that was given, nil when none is.
  public var staleSeconds: UInt32? {
    let seconds = oldest.load(ordering: .relaxed)
    return seconds == 0 ? nil : seconds
  }

  /// Notes the same of the value at `place` among several.
  public func noteStale(seconds: UInt32, at place: Int) {
    oldest.max(seconds, ordering: .relaxed)
    stale.withLock { $0[place] = seconds }
  }

  /// How many seconds past its time the value at `place` is, nil when it is not.
  public func staleSeconds(at place: Int) -> UInt32? { stale.withLock { $0[place] } }
}
