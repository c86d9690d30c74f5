import Crypto
import FederationAPI
import Generators
import Identity
import Logging
import Policy
import Resources
import SecretStores

/// All that a request is answered from, made once for each state of the manifests and never changed.
///
/// A class, so that a request takes hold of all of it by one reference.
public final class ServiceSnapshot: Sendable {
  /// Rises with each reload; caches made under another generation do not count.
  public let generation: UInt64
  /// Whose keys verify which tokens.
  public let trust: Trust
  /// What an identity may have.
  public let policy: PolicyIndex
  /// Where values come from.
  public let stores: StoreRegistry
  /// Where it can be asked whether identities are still there, by federation.
  public let management: [FederationReference: ManagementAccess]
  /// What makes credentials.
  public let generators: any GeneratorSource

  /// Builds the indexes over `manifests`. `bundles` are those of the SpiffeFederations that have one now; `local` is the
  /// embedded store, nil when the server has no data directory; `remote` are the stores whose values are fetched. `log`
  /// gets what stores must not tell callers.
  public convenience init(
    generation: UInt64, manifests: Manifests, bundles: [FederationReference: SPIFFETrustBundle] = [:],
    local: LocalDatabase?, remote: [String: any SecretStore] = [:], generators: any GeneratorSource, log: Log
  ) {
    self.init(
      generation: generation, manifests: manifests, bundles: bundles,
      stores: StoreRegistry(stores: manifests.clusterSecretStores, local: local, remote: remote, log: log),
      generators: generators)
  }

  /// As the other form, over `stores` that are there already.
  init(
    generation: UInt64, manifests: Manifests, bundles: [FederationReference: SPIFFETrustBundle] = [:],
    stores: StoreRegistry, generators: any GeneratorSource
  ) {
    self.generation = generation
    let policy = PolicyIndex(authorizations: manifests.authorizations)
    self.policy = policy
    let federations = manifests.federations.map { ($0.reference, $0) }
    trust = Trust(
      generation: generation, federations: Dictionary(federations, uniquingKeysWith: { first, _ in first }),
      policy: policy, bundles: bundles)
    management = ManagementAccess.all(manifests)
    self.generators = generators
    self.stores = stores
  }
}
