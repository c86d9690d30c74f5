import Synchronization

/// How many objects of a cluster were left out last, by kind, for metrics.
final class RefusedObjects: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  /// Counts those whose kinds are `kinds` in place of the last ones.
  func replace(_ kinds: [String]) {
    var fresh: [String: Int] = [:]
    for kind in kinds { fresh[kind, default: 0] += 1 }
    counts.withLock { $0 = fresh }
  }

  /// By kind; those of which there are none are not in it.
  var byKind: [String: Int] { counts.withLock { $0 } }
}
