import ExternalSecrets
import FederationAPI
import JSON
import Resources

extension ExternalSecretResource {
  /// The secrets of the remote store `store` whose change has it fetched again before its interval is over: those that
  /// `data` and `dataFrom.extract` name. None where nothing is fetched again, and none where `dataFrom` has a generator:
  /// each fetch issues a credential.
  func watchedReferences(store: String) -> Set<SecretReference> {
    // One name that the server would refuse spoils the watch of all others.
    guard (1...Limits.storeName).contains(store.utf8.count), !store.utf8.contains(0) else { return [] }
    guard refreshPolicy == .periodic, refreshSeconds > 0,
      let spec = try? ExternalSecretSpec(data: data, dataFrom: dataFrom)
    else { return [] }
    var named = spec.data.map(\.remote)
    for item in spec.dataFrom {
      switch item.source {
      case .extract(let remote): named.append(remote)
      case .find: continue
      case .generator: return []
      }
    }
    // Whole values: one reference for all who use different properties of it.
    return Set(named.map { SecretReference(store: store, key: $0.key, version: $0.version) })
  }
}
