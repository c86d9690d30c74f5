import CLinux
import FederationAPI

/// How often each address may open connections to one loop. A handshake costs the server as much as hundreds of calls,
/// and whoever makes it has proved nothing yet.
struct AddressBudgets {
  /// Who shares a budget: an IPv4 address, or the /64 that an IPv6 host can choose its address from.
  struct Network: Hashable {
    private let prefix: UInt64

    init(_ address: SocketAddress) {
      prefix = withUnsafeBytes(of: address.storage) { bytes in
        if address.family == AF_INET {
          return UInt64(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        }
        // An IPv4 address that came over an IPv6 socket (RFC 4291 section 2.5.5.2): its prefix is everybody's.
        let host = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        let network = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        return network == 0 ? host : network
      }
    }
  }

  /// How many addresses have a budget of their own.
  static let maximumCount = 4_096
  private let allowance: RateBudget.Allowance?
  private var budgets: [Network: RateBudget] = [:]

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
    let network = Network(address)
    if let index = budgets.index(forKey: network) { return budgets.values[index].take(at: now) }
    // Who has that many addresses is not held by a limit for each; memory is.
    if budgets.count >= Self.maximumCount { budgets.removeAll(keepingCapacity: true) }
    var budget = RateBudget(allowance)
    defer { budgets[network] = budget }
    return budget.take(at: now)
  }
}
