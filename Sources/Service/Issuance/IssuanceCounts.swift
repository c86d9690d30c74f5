import Ledger
import Synchronization

/// What is counted of credentials, from a server's start to its end.
final class IssuanceCounts: Sendable {
  let issued = Atomic<UInt64>(0)
  let failed = Atomic<UInt64>(0)
  let removed = Atomic<UInt64>(0)
  let cleanupFailures = Atomic<UInt64>(0)
  /// The ledger's credentials by phase when this server last looked; nil while another one reaps.
  let phases = Mutex<[GeneratorState.Phase: Int]?>(nil)
}

/// What was counted of credentials, at one moment.
public struct IssuanceMeasures: Sendable, Equatable {
  /// Credentials that were handed out.
  public var issued: UInt64
  /// Credentials that were asked for and not handed out.
  public var failed: UInt64
  /// Credentials that were taken back.
  public var removed: UInt64
  /// Cleanups that failed, to be tried again.
  public var cleanupFailures: UInt64
  /// Credentials in the ledger, those of other servers included; nil while another server reaps, and until the first look.
  public var credentials: [GeneratorState.Phase: Int]?
}

extension Issuance {
  /// Counts of now; of the ledger, what the reaper saw of it last.
  var measures: IssuanceMeasures {
    IssuanceMeasures(
      issued: counts.issued.load(ordering: .relaxed), failed: counts.failed.load(ordering: .relaxed),
      removed: counts.removed.load(ordering: .relaxed),
      cleanupFailures: counts.cleanupFailures.load(ordering: .relaxed), credentials: counts.phases.withLock { $0 })
  }
}
