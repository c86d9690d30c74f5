import FederationAPI
import Identity
import Synchronization

/// The budgets of all who call, of as many as ``maximumCount`` at a time: who has not called for the longest is forgotten,
/// and starts afresh.
final class CallerBudgets: Sendable {
  /// How many identities and how many addresses have a budget of their own.
  static let maximumCount = 16_384

  private let limits: CallLimits
  private let refused: RefusedCalls
  private let identities: Mutex<LeastRecentlyUsedCache<Int, CallerBudget>>
  private let addresses: Mutex<LeastRecentlyUsedCache<PeerNetwork, CallerBudget>>

  init(_ limits: CallLimits, refused: RefusedCalls) {
    self.limits = limits
    self.refused = refused
    identities = Mutex(LeastRecentlyUsedCache(maximumCost: Self.maximumCount))
    addresses = Mutex(LeastRecentlyUsedCache(maximumCost: Self.maximumCount))
  }

  /// That of `identity`, under any of its tokens.
  func budget(of identity: VerifiedIdentity) -> CallerBudget {
    let name = identity.shareName
    return identities.withLock { identities in
      if let known = identities.value(for: name) { return known }
      let fresh = CallerBudget(
        requests: limits.requestsPerIdentity, failures: 0, waiting: limits.waitingPerIdentity,
        refusals: .ofIdentity, refused: refused.waitingOfIdentity)
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
        refusals: .ofAddress, refused: refused.waitingOfAddress)
      addresses.insert(fresh, for: network, cost: 1)
      return fresh
    }
  }

  /// How many budgets there are, for tests.
  var count: Int { identities.withLock { $0.count } + addresses.withLock { $0.count } }
}
