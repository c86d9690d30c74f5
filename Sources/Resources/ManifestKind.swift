import YAML

/// The kinds that manifests may have.
enum ManifestKind: Equatable {
  case kubernetesFederation
  case oktaFederation
  case pingIdentityFederation
  case oidcFederation
  case authorization
  case clusterSecretStore
  case secret
  case generator(GeneratorKind)

  static let identityGroup = "identity.federation.external-secrets.io"
  static let federationGroup = "federation.external-secrets.io"

  private static let clusterKinds: [ManifestKind] = [
    .kubernetesFederation, .oktaFederation, .pingIdentityFederation, .oidcFederation, .authorization,
    .clusterSecretStore,
  ]
  private static let generatorKinds = GeneratorKind.allCases.map(ManifestKind.generator)
  /// Every kind's name.
  static let names = (clusterKinds + [.secret] + generatorKinds).map(\.name)

  /// The kind of that name.
  init?(name: String) {
    let known = Self.clusterKinds + [.secret] + Self.generatorKinds
    guard let kind = known.first(where: { $0.name == name }) else { return nil }
    self = kind
  }

  /// As `kind` of a manifest.
  var name: String {
    switch self {
    case .kubernetesFederation: "KubernetesFederation"
    case .oktaFederation: "OktaFederation"
    case .pingIdentityFederation: "PingIdentityFederation"
    case .oidcFederation: "OIDCFederation"
    case .authorization: "Authorization"
    case .clusterSecretStore: "ClusterSecretStore"
    case .secret: "Secret"
    case .generator(let kind): kind.rawValue
    }
  }

  /// Whether its objects stand in namespaces.
  var isNamespaced: Bool {
    switch self {
    case .secret, .generator: true
    default: false
    }
  }

  /// The `apiVersion`s it is read as, the one to write first.
  var apiVersions: [String] {
    switch self {
    case .kubernetesFederation: Self.federationVersions
    case .oktaFederation, .pingIdentityFederation, .oidcFederation: Self.identityVersions
    case .authorization: Self.authorizationVersions
    case .clusterSecretStore: Self.storeVersions
    case .secret: ["v1"]
    case .generator: [GeneratorKind.apiVersion]
    }
  }

  private static let federationVersions = ["\(identityGroup)/v1alpha1", "\(federationGroup)/v1alpha1"]
  private static let identityVersions = ["\(identityGroup)/v1alpha1"]
  private static let authorizationVersions = ["\(federationGroup)/v1alpha1"]
  private static let storeVersions = ["external-secrets.io/v1", "external-secrets.io/v1beta1"]

  /// The kinds of federation that an Authorization may refer to.
  static let federationKinds = [
    "KubernetesFederation", "SpiffeFederation", "OktaFederation", "PingIdentityFederation", "OIDCFederation",
  ]

  /// What to do with a manifest of a kind that belongs to External Secrets and is not read here; nil for other kinds.
  static func adviceForUnserved(kind: String, apiVersion: String) -> String? {
    if apiVersion.hasPrefix(GeneratorKind.groupPrefix) {
      let names = GeneratorKind.allCases.map(\.rawValue)
      return "this server has no generator of kind \(quoted(kind)); it has \(Suggestion.list(names))"
        + Suggestion.advice(for: kind, among: names, otherwise: "; remove the manifest")
    }
    switch kind {
    case "SpiffeFederation":
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
