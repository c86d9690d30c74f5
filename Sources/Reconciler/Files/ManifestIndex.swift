import FederationAPI
import Resources

/// An agent's manifests by name.
struct ManifestIndex: Sendable {
  let externalSecrets: [ResourceName: ExternalSecretResource]
  let stores: [ResourceName: FederationStoreResource]
  let generators: [ResourceName: FederationGeneratorResource]
  let secrets: [ResourceName: [String: SecretBytes]]
  let configMaps: [ResourceName: [String: String]]

  init(_ manifests: AgentManifests) {
    externalSecrets = Self.index(manifests.externalSecrets) {
      (ResourceName(namespace: $0.namespace, name: $0.name), $0)
    }
    stores = Self.index(manifests.federationStores) { (ResourceName(namespace: $0.namespace, name: $0.name), $0) }
    generators = Self.index(manifests.federationGenerators) {
      (ResourceName(namespace: $0.namespace, name: $0.name), $0)
    }
    secrets = Self.index(manifests.secrets) { (ResourceName(namespace: $0.namespace, name: $0.name), $0.values) }
    configMaps = Self.index(manifests.configMaps) { (ResourceName(namespace: $0.namespace, name: $0.name), $0.values) }
  }

  private static func index<Resource, Value>(
    _ resources: [Resource], _ entry: (Resource) -> (ResourceName, Value)
  ) -> [ResourceName: Value] {
    // The loader lets no two of a kind have one name.
    Dictionary(resources.map(entry), uniquingKeysWith: { first, _ in first })
  }
}
