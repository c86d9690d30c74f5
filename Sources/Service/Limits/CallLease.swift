import FederationAPI

/// What one event loop may answer from memory for one caller before it asks the caller's ``CallerBudget`` again. All
/// connections of the caller on that loop share it, so that no more than one share for each loop is out at a time.
final class CallLease {
  private let requests: SharedBudget?
  private var left: Int

  init(_ budget: CallerBudget) {
    requests = budget.requests
    left = requests == nil ? .max : 0
  }

  /// Takes one call. False when the caller has none left.
  @inline(__always)
  func take(at now: MonotonicTime) -> Bool {
    guard left > 0 || renew(at: now) else { return false }
    left &-= 1
    return true
  }

  @inline(never)
  private func renew(at now: MonotonicTime) -> Bool {
    left = requests.map { $0.take(upTo: $0.share, at: now) } ?? 0
    return left > 0
  }
}

/// The leases of one event loop.
struct CallLeases {
  /// Past it all are forgotten; connections and callers that have one keep it.
  private static let maximumCount = 16_384
  private var leases: [ObjectIdentifier: (owner: CallerBudget, lease: CallLease)] = [:]

  /// The lease of whose `budget` is.
  mutating func lease(of budget: CallerBudget) -> CallLease {
    let name = ObjectIdentifier(budget)
    if let known = leases[name] { return known.lease }
    if leases.count >= Self.maximumCount { leases.removeAll(keepingCapacity: true) }
    let fresh = CallLease(budget)
    leases[name] = (budget, fresh)
    return fresh
  }
}
