/// Every resource of a configuration, in the order of files and lines. Names are unique within a kind, and within a
/// namespace where the kind has namespaces.
public struct Manifests: Sendable, Equatable {
  /// The trusted clusters.
  public var kubernetesFederations: [KubernetesFederation]
  /// The trusted Okta authorization servers.
  public var oktaFederations: [OktaFederation]
  /// The trusted PingOne environments.
  public var pingIdentityFederations: [PingIdentityFederation]
  /// The trusted issuers of other makes.
  public var oidcFederations: [OIDCFederation]
  /// The trusted SPIFFE trust domains.
  public var spiffeFederations: [SpiffeFederation]
  /// The grants.
  public var authorizations: [Authorization]
  /// The stores.
  public var clusterSecretStores: [ClusterSecretStore]
  /// The generators.
  public var generators: [GeneratorResource]
  /// What generators refer to for their own credentials.
  public var secrets: [SecretResource]

  /// Makes a set of resources.
  public init(
    kubernetesFederations: [KubernetesFederation] = [], oktaFederations: [OktaFederation] = [],
    pingIdentityFederations: [PingIdentityFederation] = [], oidcFederations: [OIDCFederation] = [],
    spiffeFederations: [SpiffeFederation] = [], authorizations: [Authorization] = [],
    clusterSecretStores: [ClusterSecretStore] = [], generators: [GeneratorResource] = [],
    secrets: [SecretResource] = []
  ) {
    self.kubernetesFederations = kubernetesFederations
    self.oktaFederations = oktaFederations
    self.pingIdentityFederations = pingIdentityFederations
    self.oidcFederations = oidcFederations
    self.spiffeFederations = spiffeFederations
    self.authorizations = authorizations
    self.clusterSecretStores = clusterSecretStores
    self.generators = generators
    self.secrets = secrets
  }
}
