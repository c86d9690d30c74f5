/// Every resource that an agent works with, in the order of files and lines. Names are unique within a kind and a
/// namespace.
public struct AgentManifests: Sendable, Equatable {
  /// Where secrets come from.
  public var federationStores: [FederationStoreResource] = []
  /// What is wanted of them.
  public var externalSecrets: [ExternalSecretResource] = []
  /// Generators on a federation server.
  public var federationGenerators: [FederationGeneratorResource] = []
  /// What the others refer to for tokens and certificates.
  public var secrets: [SecretResource] = []
  /// What stores refer to for certificates.
  public var configMaps: [ConfigMapResource] = []

  /// No resources.
  public init() {}
}

extension AgentManifests {
  /// Reads a manifest of one of an agent's own kinds, and keeps it when nothing in it was reported.
  mutating func append(
    _ kind: ManifestKind, _ manifest: MappingReader, name: ManifestName, location: SourceLocation, errorsBefore: Int
  ) {
    func isGood() -> Bool { manifest.report.errorCount == errorsBefore }
    switch kind {
    case .federationStore:
      if let store = FederationStoreResource(manifest, name: name), isGood() { federationStores.append(store) }
    case .externalSecret:
      if let secret = ExternalSecretResource(manifest, name: name, location: location), isGood() {
        externalSecrets.append(secret)
      }
    case .federationGenerator:
      if let generator = FederationGeneratorResource(manifest, name: name), isGood() {
        federationGenerators.append(generator)
      }
    case .configMap:
      if let configMap = ConfigMapResource(manifest, name: name), isGood() { configMaps.append(configMap) }
    default: break
    }
  }
}
