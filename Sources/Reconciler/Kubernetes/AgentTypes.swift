import Kubernetes

/// The kinds that an agent works with.
enum AgentTypes {
  /// Newest first: an API that has not got it yet is asked for the other.
  static let externalSecretVersions = ["v1", "v1beta1"]

  static func externalSecrets(_ version: String) -> ResourceType {
    ResourceType(
      group: "external-secrets.io", version: version, plural: "externalsecrets", kind: "ExternalSecret")
  }

  static let federationStores = ResourceType(
    group: "federation.external-secrets.io", version: "v1alpha1", plural: "federationstores", kind: "FederationStore")

  static let federationGenerators = ResourceType(
    group: "generators.external-secrets.io", version: "v1alpha1", plural: "federations", kind: "Federation")
}
