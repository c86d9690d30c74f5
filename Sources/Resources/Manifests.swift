/// Every resource of a configuration, in the order of files and lines. Names are unique within a kind.
public struct Manifests: Sendable, Equatable {
  /// The trusted clusters.
  public var kubernetesFederations: [KubernetesFederation]
  /// The grants.
  public var authorizations: [Authorization]
  /// The stores.
  public var clusterSecretStores: [ClusterSecretStore]

  /// Makes a set of resources.
  public init(
    kubernetesFederations: [KubernetesFederation] = [], authorizations: [Authorization] = [],
    clusterSecretStores: [ClusterSecretStore] = []
  ) {
    self.kubernetesFederations = kubernetesFederations
    self.authorizations = authorizations
    self.clusterSecretStores = clusterSecretStores
  }
}
