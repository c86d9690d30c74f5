import FederationAPI
import Identity
import Synchronization

/// The budgets of all who call, of as many as ``maximumCount`` at a time: who has not called for the longest is forgotten,
/// and starts afresh.
final class CallerBudgets: Sendable {
  /// An identity by its bytes: Swift takes some names for equal that are not.
  private struct IdentityName: Hashable {
    private var bytes: [UInt8] = []

    init(_ identity: VerifiedIdentity) {
      bytes.reserveCapacity(identity.provider.utf8.count + 1 + identity.subject.utf8.count)
      bytes.append(contentsOf: identity.provider.utf8)
      bytes.append(0)
      bytes.append(contentsOf: identity.subject.utf8)
    }

    static func == (left: Self, right: Self) -> Bool { left.bytes.span.bytes.isEqual(to: right.bytes) }

    func hash(into hasher: inout Hasher) { bytes.span.bytes.hash(into: &hasher) }
  }

  /// How many identities and how many addresses have a budget of their own.
  static let maximumCount = 16_384

  private let limits: CallLimits
  private let identities: Mutex<LeastRecentlyUsedCache<IdentityName, CallerBudget>>
  private let addresses: Mutex<LeastRecentlyUsedCache<PeerNetwork, CallerBudget>>

  init(_ limits: CallLimits) {
    self.limits = limits
    identities = Mutex(LeastRecentlyUsedCache(maximumCost: Self.maximumCount))
    addresses = Mutex(LeastRecentlyUsedCache(maximumCost: Self.maximumCount))
  }

  /// That of `identity`, under any of its tokens.
  func budget(of identity: VerifiedIdentity) -> CallerBudget {
    let name = IdentityName(identity)
    return identities.withLock { identities in
      if let known = identities.value(for: name) { return known }
      let fresh = CallerBudget(
        requests: limits.requestsPerIdentity, failures: 0, waiting: limits.waitingPerIdentity,
        caller: "of this identity")
      identities.insert(fresh, for: name, cost: 1)
      return fresh
    }
  }

  /// That of the address in `peer`, which has a port behind it.
  func budget(ofPeer peer: String) -> CallerBudget {
    let network = PeerNetwork(peer: peer)
    return addresses.withLock { addresses in
      if let known = addresses.value(for: network) { return known }
      let fresh = CallerBudget(
        requests: limits.requestsPerAddress, failures: limits.failuresPerAddress, waiting: limits.waitingPerAddress,
        caller: "from this address")
      addresses.insert(fresh, for: network, cost: 1)
      return fresh
    }
  }

  /// How many budgets there are, for tests.
  var count: Int { identities.withLock { $0.count } + addresses.withLock { $0.count } }
}
