import CLinux
import FederationAPI

/// How often each address may open connections to one loop. A handshake costs the server as much as hundreds of calls,
/// and whoever makes it has proved nothing yet.
struct AddressBudgets {
  /// How many addresses have a budget of their own.
  static let maximumCount = 4_096
  private let allowance: RateBudget.Allowance?
  private var budgets: [PeerNetwork: RateBudget] = [:]

  /// Gives each address its share of `allowance` on one of `loops` loops; nil lets everybody in.
  init(_ allowance: RateBudget.Allowance?, loops: Int) {
    self.allowance = allowance.map {
      .init(burst: max(1, $0.burst / Double(loops)), perSecond: $0.perSecond / Double(loops))
    }
  }

  /// How many addresses are remembered, for tests.
  var count: Int { budgets.count }

  /// Whether one more connection of `address` is within its budget.
  mutating func admits(_ address: SocketAddress, at now: MonotonicTime) -> Bool {
    guard let allowance else { return true }
    let network = PeerNetwork(address)
    if let index = budgets.index(forKey: network) { return budgets.values[index].take(at: now) }
    // Who has that many addresses is not held by a limit for each; memory is.
    if budgets.count >= Self.maximumCount { budgets.removeAll(keepingCapacity: true) }
    var budget = RateBudget(allowance)
    defer { budgets[network] = budget }
    return budget.take(at: now)
  }
}

extension PeerNetwork {
  /// The network of a peer's address.
  init(_ address: SocketAddress) {
    self = withUnsafeBytes(of: address.storage) { bytes in
      if address.family == AF_INET { return PeerNetwork(ipv4: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) }
      return PeerNetwork(
        ipv6: (
          bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
          bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        ))
    }
  }
}
