import YAML

/// The kinds that manifests may have.
enum ManifestKind: String, CaseIterable {
  case kubernetesFederation = "KubernetesFederation"
  case authorization = "Authorization"
  case clusterSecretStore = "ClusterSecretStore"

  static let identityGroup = "identity.federation.external-secrets.io"
  static let federationGroup = "federation.external-secrets.io"

  /// The `apiVersion`s it is read as, the one to write first.
  var apiVersions: [String] {
    switch self {
    case .kubernetesFederation: Self.federationVersions
    case .authorization: Self.authorizationVersions
    case .clusterSecretStore: Self.storeVersions
    }
  }

  private static let federationVersions = ["\(identityGroup)/v1alpha1", "\(federationGroup)/v1alpha1"]
  private static let authorizationVersions = ["\(federationGroup)/v1alpha1"]
  private static let storeVersions = ["external-secrets.io/v1", "external-secrets.io/v1beta1"]

  /// The kinds of federation that an Authorization may refer to.
  static let federationKinds = [
    "KubernetesFederation", "SpiffeFederation", "OktaFederation", "PingIdentityFederation",
  ]

  /// What to do with a manifest of a kind that belongs to External Secrets and is not read here; nil for other kinds.
  static func adviceForUnserved(kind: String, apiVersion: String) -> String? {
    if apiVersion.hasPrefix("generators.external-secrets.io/") {
      return "this version does not serve generators such as \(quoted(kind)) yet; remove the manifest"
    }
    switch kind {
    case "SpiffeFederation", "OktaFederation", "PingIdentityFederation":
      return "this version does not serve \(quoted(kind)) yet; remove the manifest"
    case "SecretStore":
      return "only stores of the whole cluster are served, not \(quoted(kind)); write a `ClusterSecretStore`"
    case "AuthorizedIdentity", "GeneratorState":
      return "\(quoted(kind)) is a record that the server keeps, not configuration; remove the manifest"
    case "ExternalSecret", "ClusterExternalSecret", "PushSecret", "ClusterPushSecret":
      return "\(quoted(kind)) belongs on the client's side, the server does not read it; remove the manifest"
    default: return nil
    }
  }
}
