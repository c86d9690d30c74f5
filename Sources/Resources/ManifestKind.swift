import YAML

/// The kinds that manifests may have.
enum ManifestKind: Equatable {
  case kubernetesFederation
  case oktaFederation
  case pingIdentityFederation
  case oidcFederation
  case spiffeFederation
  case authorization
  case clusterSecretStore
  case secret
  case generator(GeneratorKind)
  case federationStore
  case externalSecret
  case federationGenerator
  case configMap

  static let identityGroup = "identity.federation.external-secrets.io"
  static let federationGroup = "federation.external-secrets.io"

  private static let clusterKinds: [ManifestKind] = [
    .kubernetesFederation, .oktaFederation, .pingIdentityFederation, .oidcFederation, .spiffeFederation,
    .authorization, .clusterSecretStore,
  ]
  private static let generatorKinds = GeneratorKind.allCases.map(ManifestKind.generator)
  private static let serverKinds = clusterKinds + [.secret, .configMap] + generatorKinds
  private static let agentKinds: [ManifestKind] = [
    .federationStore, .externalSecret, .federationGenerator, .secret, .configMap,
  ]

  /// The kinds that `audience` reads.
  static func kinds(for audience: ManifestAudience) -> [ManifestKind] {
    audience == .server ? serverKinds : agentKinds
  }

  /// The name of every kind that `audience` reads.
  static func names(for audience: ManifestAudience) -> [String] { kinds(for: audience).map(\.name) }

  /// The kind of that name.
  init?(name: String, for audience: ManifestAudience) {
    guard let kind = Self.kinds(for: audience).first(where: { $0.name == name }) else { return nil }
    self = kind
  }

  /// As `kind` of a manifest.
  var name: String {
    switch self {
    case .kubernetesFederation: "KubernetesFederation"
    case .oktaFederation: "OktaFederation"
    case .pingIdentityFederation: "PingIdentityFederation"
    case .oidcFederation: "OIDCFederation"
    case .spiffeFederation: "SpiffeFederation"
    case .authorization: "Authorization"
    case .clusterSecretStore: "ClusterSecretStore"
    case .secret: "Secret"
    case .generator(let kind): kind.rawValue
    case .federationStore: "FederationStore"
    case .externalSecret: "ExternalSecret"
    case .federationGenerator: "Federation"
    case .configMap: "ConfigMap"
    }
  }

  /// Whether its objects stand in namespaces.
  var isNamespaced: Bool {
    switch self {
    case .secret, .generator, .federationStore, .externalSecret, .federationGenerator, .configMap: true
    default: false
    }
  }

  /// The `apiVersion`s it is read as, the one to write first.
  var apiVersions: [String] {
    switch self {
    case .kubernetesFederation, .spiffeFederation: Self.federationVersions
    case .oktaFederation, .pingIdentityFederation, .oidcFederation: Self.identityVersions
    case .authorization: Self.authorizationVersions
    case .clusterSecretStore: Self.storeVersions
    case .secret, .configMap: ["v1"]
    case .generator, .federationGenerator: [GeneratorKind.apiVersion]
    case .federationStore: Self.authorizationVersions
    case .externalSecret: Self.storeVersions
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
  static func adviceForUnserved(kind: String, apiVersion: String, audience: ManifestAudience) -> String? {
    audience == .server ? adviceOfServer(kind, apiVersion) : adviceOfAgent(kind, apiVersion)
  }

  private static func adviceOfAgent(_ kind: String, _ apiVersion: String) -> String? {
    if apiVersion.hasPrefix(GeneratorKind.groupPrefix) {
      return "the agent runs no generator of kind \(quoted(kind)); write a `Federation` that names one on the server"
    }
    if serverKinds.contains(where: { $0.name == kind }) {
      return "\(quoted(kind)) belongs on the server's side, the agent does not read it; remove the manifest"
    }
    switch kind {
    case "SecretStore": return "the agent has no \(quoted(kind)); write a `FederationStore`"
    case "ClusterExternalSecret", "PushSecret", "ClusterPushSecret":
      return "this version of the agent does not serve \(quoted(kind)); write an `ExternalSecret`"
    default: return nil
    }
  }

  private static func adviceOfServer(_ kind: String, _ apiVersion: String) -> String? {
    if apiVersion.hasPrefix(GeneratorKind.groupPrefix) {
      let names = GeneratorKind.allCases.map(\.rawValue)
      return "this server has no generator of kind \(quoted(kind)); it has \(Suggestion.list(names))"
        + Suggestion.advice(for: kind, among: names, otherwise: "; remove the manifest")
    }
    switch kind {
    case "SecretStore":
      return "only stores of the whole cluster are served, not \(quoted(kind)); write a `ClusterSecretStore`"
    case "AuthorizedIdentity", "GeneratorState":
      return "\(quoted(kind)) is a record that the server keeps, not configuration; remove the manifest"
    case "ExternalSecret", "ClusterExternalSecret", "PushSecret", "ClusterPushSecret", "FederationStore":
      return "\(quoted(kind)) belongs on the client's side, the server does not read it; remove the manifest"
    default: return nil
    }
  }
}
