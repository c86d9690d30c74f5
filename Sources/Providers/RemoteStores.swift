import HTTPClient
import Kubernetes
import Logging
import Resources
import Synchronization

/// A server's remote stores, over all its reloads: one whose provider stays as it was keeps what it knows, also for other
/// times than before, and its login as long as the Secrets stay that it was made with.
public final class RemoteStores: Sendable {
  private struct Configured {
    var backend: RemoteBackend
    /// What is not there of the Secrets that it needs.
    var lacking: Set<SecretNeed>
    var secrets: ProviderSecrets
    var store: RemoteStore
  }

  private let factory: ProviderFactory
  private let cache: SecretCache
  private let settings: BackendSettings
  private let log: Log
  private let configured = Mutex<[String: Configured]>([:])

  /// Asks backends through `client`; all stores together keep `cacheBytes`. `cluster` makes the tokens of service accounts
  /// that stores log in with; nil for a server that has none.
  public init(
    client: any HTTPSending, cluster: KubernetesClient? = nil, cacheBytes: Int = 64 << 20,
    settings: BackendSettings = BackendSettings(), log: Log
  ) {
    factory = ProviderFactory(client: client, tokens: ServiceAccountTokens(cluster: cluster), log: log)
    cache = SecretCache(maximumBytes: cacheBytes)
    self.settings = settings
    self.log = log
  }

  /// The remote stores of `manifests`, by name. Those of earlier manifests that have changed or gone are closed, and so
  /// are those that have lost a Secret: their logins, and what was read by them, must not outlive it.
  public func stores(of manifests: Manifests) -> [String: RemoteStore] {
    let lookup = ManifestSecrets(manifests.secrets)
    return configured.withLock { configured in
      var next: [String: Configured] = [:]
      for resource in manifests.clusterSecretStores {
        guard case .remote(let backend) = resource.provider else { continue }
        let lacking = resource.secrets.filter { !lookup.has($0) }
        if let same = configured[resource.name], same.backend == backend, same.lacking == lacking {
          same.secrets.replace(lookup)
          same.store.change(resource.caching)
          next[resource.name] = configured.removeValue(forKey: resource.name)
          continue
        }
        let secrets = ProviderSecrets(lookup)
        let store = RemoteStore(
          name: resource.name, provider: factory.provider(backend, store: resource.name, secrets: secrets),
          policy: resource.caching, cache: cache, settings: settings,
          counts: configured[resource.name]?.store.counts ?? StoreCounts(), log: log)
        next[resource.name] = Configured(
          backend: backend, lacking: lacking, secrets: secrets, store: store)
      }
      for left in configured.values { left.store.close() }
      configured = next
      return next.mapValues(\.store)
    }
  }

  /// Counts and gauges of each store that is configured now, by name.
  public var measures: [StoreMeasures] {
    configured.withLock { configured in configured.values.map(\.store) }.map(\.measures).sorted { $0.name < $1.name }
  }

  /// The store of that name; nil when the manifests that were last given have none.
  public func store(_ name: String) -> RemoteStore? { configured.withLock { $0[name]?.store } }

  /// Closes every store.
  public func close() {
    configured.withLock { configured in
      for entry in configured.values { entry.store.close() }
      configured = [:]
    }
  }
}
