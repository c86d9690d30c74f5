import Synchronization

/// How many calls each limit has refused, and how many peers their certificates. They are few enough for all loops to count
/// in one place.
final class RefusedCalls: Sendable {
  let requestsOfIdentity = Counter()
  let requestsOfAddress = Counter()
  let waitingOfIdentity = Counter()
  let waitingOfAddress = Counter()
  let waiting = Counter()
  let peers = Counter()

  /// Counts from several threads.
  final class Counter: Sendable {
    private let value = Atomic<UInt64>(0)

    func add() { value.add(1, ordering: .relaxed) }
    var count: UInt64 { value.load(ordering: .relaxed) }
  }
}
