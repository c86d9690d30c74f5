import FederationAPI
import Logging
import Resources

/// The stores of one configuration snapshot, by name.
public struct StoreRegistry: Sendable {
  // Keyed by bytes: Swift's strings would take two spellings of one character for the same name.
  private let stores: [[UInt8]: any SecretStore]

  /// Builds every store. `local` is the database behind all stores of provider `local`, each of which sees its own
  /// name's keys; without one they answer FAILED_PRECONDITION. `remote` has the others, by name. `log` gets the reasons
  /// that callers must not see.
  public init(
    stores: [ClusterSecretStore], local: LocalDatabase?, remote: [String: any SecretStore] = [:], log: Log
  ) {
    var byName: [[UInt8]: any SecretStore] = [:]
    for store in stores {
      byName[Array(store.name.utf8)] =
        switch store.provider {
        case .fake(let secrets): FakeStore(secrets)
        case .local: LocalStore(database: local, log: log)
        case .remote: remote[store.name]
        }
    }
    self.stores = byName
  }

  /// Holds `stores` by name, for tests of what reads them.
  package init(_ stores: [String: any SecretStore]) {
    self.stores = Dictionary(uniqueKeysWithValues: stores.map { (Array($0.utf8), $1) })
  }

  /// The store of that name, or nil when the configuration has none.
  public subscript(name: String) -> (any SecretStore)? { stores[Array(name.utf8)] }
}
