import FederationAPI
import Synchronization

/// What peers that have not proved who they are make the server hold of requests that are not whole yet, over all loops
/// of a listener: together, and of one address.
final class StrangerRoom: Sendable {
  /// What became of a wish for more.
  enum Verdict {
    case taken
    case addressIsFull
    case isFull
  }

  private struct State {
    var used = 0
    var addresses: [PeerNetwork: Int] = [:]
  }

  private let bytes: Int
  private let bytesPerAddress: Int
  private let state = Mutex(State())

  init(bytes: Int, bytesPerAddress: Int) {
    self.bytes = bytes
    self.bytesPerAddress = bytesPerAddress
  }

  /// Bytes that are taken.
  var used: Int { state.withLock { $0.used } }

  /// Takes `count` bytes for a connection of `network`, or nothing.
  func take(_ count: Int, of network: PeerNetwork) -> Verdict {
    state.withLock { state in
      let own = state.addresses[network, default: 0] + count
      guard own <= bytesPerAddress else { return .addressIsFull }
      guard state.used + count <= bytes else { return .isFull }
      state.used += count
      state.addresses[network] = own
      return .taken
    }
  }

  /// Gives back what ``take(_:of:)`` took.
  func giveBack(_ count: Int, of network: PeerNetwork) {
    state.withLock { state in
      state.used -= count
      let own = state.addresses[network, default: 0] - count
      state.addresses[network] = own > 0 ? own : nil
    }
  }
}
