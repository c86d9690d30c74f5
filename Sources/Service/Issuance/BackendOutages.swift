import FederationAPI
import Ledger
import Synchronization

/// Which backends were found to be away while a batch is cleaned up: what else is of theirs has not to wait for each
/// deadline anew, and holds up no other backend's.
final class BackendOutages: Sendable {
  /// How often a backend may be away before it counts as such.
  private static let patience = 3

  /// By the manifest that a credential was made under.
  private let failures = Mutex<[String: (count: Int, error: RPCError)]>([:])

  /// Why the backend of `state` is not to be asked again, nil when it is.
  func outage(of state: GeneratorState) -> RPCError? {
    failures.withLock { failures in
      guard let known = failures[state.resource], known.count >= Self.patience else { return nil }
      return known.error
    }
  }

  /// Notes what a cleanup failed with; only an absence counts.
  func note(_ error: RPCError, of state: GeneratorState) {
    guard error.code == .unavailable || error.code == .deadlineExceeded else { return }
    failures.withLock { $0[state.resource] = (($0[state.resource]?.count ?? 0) + 1, error) }
  }
}
