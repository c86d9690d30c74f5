import Synchronization

/// What is counted of one store, over all its reloads. None of it on the short way, on which a value in memory answers.
public final class StoreCounts: Sendable {
  /// Calls that a value in memory answered on the long way.
  let hits = Atomic<UInt64>(0)
  /// Calls for which the backend had to be asked, or was to be.
  let misses = Atomic<UInt64>(0)
  /// Values that were given past their time, because the backend erred.
  let stale = Atomic<UInt64>(0)
  /// Questions that the backend was asked, attempts counted.
  let asked = Atomic<UInt64>(0)
  /// Those that it did not answer, or with an answer that makes no sense.
  let outages = Atomic<UInt64>(0)
  /// Those that it refused, or that could not be asked as the store is configured.
  let refusals = Atomic<UInt64>(0)

  /// Makes counts of nothing.
  public init() {}
}

/// What a remote store has counted, and what it holds, at one moment.
public struct StoreMeasures: Sendable, Equatable {
  /// The ClusterSecretStore's name.
  public var name: String
  /// Calls that a value in memory answered, without those that an event loop answered at once.
  public var hits: UInt64
  /// Calls for which the backend had to be asked, or was to be.
  public var misses: UInt64
  /// Values that were given past their time, because the backend erred.
  public var stale: UInt64
  /// Questions that the backend was asked, attempts counted.
  public var backendRequests: UInt64
  /// Those that it did not answer, or with an answer that makes no sense.
  public var backendOutages: UInt64
  /// Those that it refused, or that could not be asked as the store is configured.
  public var backendRefusals: UInt64
  /// Whether the backend is left alone, or only asked now and then whether it is back.
  public var isDown: Bool
  /// Bytes of memory that the store's values take.
  public var bytes: Int
  /// Values, and keys known to be missing or refused, in memory.
  public var entries: Int
}
