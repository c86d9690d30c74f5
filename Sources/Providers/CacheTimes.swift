import Resources
import Synchronization

/// A ``CachePolicy`` that a reload may change, read by each answer without a lock. Whoever reads both times while they
/// change may get the old one and the new one, which is as good as either for one answer.
final class CacheTimes: Sendable {
  private let refresh: Atomic<UInt64>
  private let maximumStale: Atomic<UInt64>

  init(_ policy: CachePolicy) {
    refresh = Atomic(policy.refreshSeconds.bitPattern)
    maximumStale = Atomic(policy.maximumStaleSeconds.bitPattern)
  }

  var refreshSeconds: Double { Double(bitPattern: refresh.load(ordering: .relaxed)) }
  var maximumStaleSeconds: Double { Double(bitPattern: maximumStale.load(ordering: .relaxed)) }

  func change(_ policy: CachePolicy) {
    refresh.store(policy.refreshSeconds.bitPattern, ordering: .relaxed)
    maximumStale.store(policy.maximumStaleSeconds.bitPattern, ordering: .relaxed)
  }
}
