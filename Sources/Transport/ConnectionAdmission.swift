import FederationAPI
import Synchronization

/// Counts a listener's connections over all loops, together and of each address, and what strangers among them hold.
final class ConnectionAdmission: Sendable {
  let strangers: StrangerRoom
  private let openPerAddress: Int?
  private let count = Atomic<Int>(0)
  private let addresses = Mutex<[PeerNetwork: Int]>([:])

  init(_ limits: ListenerLimits) {
    openPerAddress = limits.openConnectionsPerAddress
    strangers = StrangerRoom(bytes: limits.strangerBytes, bytesPerAddress: limits.strangerBytesPerAddress)
  }

  /// Connections that are open, those that are about to be refused included.
  var current: Int { count.load(ordering: .relaxed) }

  /// Takes one more connection of `network` and gives how many there are; nil when `network` has as many as it may.
  func enter(_ network: PeerNetwork) -> Int? {
    if let openPerAddress {
      let isLetIn = addresses.withLock { addresses in
        let open = addresses[network, default: 0]
        guard open < openPerAddress else { return false }
        addresses[network] = open + 1
        return true
      }
      guard isLetIn else { return nil }
    }
    return count.add(1, ordering: .relaxed).newValue
  }

  /// A connection of `network` that ``enter(_:)`` counted is gone.
  func leave(_ network: PeerNetwork) {
    count.subtract(1, ordering: .relaxed)
    guard openPerAddress != nil else { return }
    addresses.withLock { addresses in
      let open = addresses[network, default: 0] - 1
      addresses[network] = open > 0 ? open : nil
    }
  }

  /// Addresses that have connections, for tests.
  var addressCount: Int { addresses.withLock { $0.count } }
}

/// Where an accepted connection is counted.
struct ConnectionPlace {
  let admission: ConnectionAdmission
  let network: PeerNetwork

  func leave() { admission.leave(network) }
}
