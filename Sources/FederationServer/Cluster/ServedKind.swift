import Kubernetes
import Resources

/// A kind whose objects are a server's resources.
struct ServedKind: Sendable, Hashable {
  /// The versions that can be read, the one to prefer first.
  let versions: [ResourceType]
  /// The condition in which an object's status says what the server makes of it.
  let condition: String
  /// Whether the cluster must have the kind before the server serves: without Authorizations, or the federations that they
  /// name, every grant would look withdrawn.
  let isRequired: Bool

  var kind: String { versions[0].kind }
  var isNamespaced: Bool { versions[0].isNamespaced }

  private init(_ versions: [ResourceType], condition: String = "Ready", isRequired: Bool = false) {
    self.versions = versions
    self.condition = condition
    self.isRequired = isRequired
  }

  static let all: [ServedKind] =
    [
      own("identity.federation.external-secrets.io", "kubernetesfederations", "KubernetesFederation"),
      own("identity.federation.external-secrets.io", "oktafederations", "OktaFederation"),
      own("identity.federation.external-secrets.io", "pingidentityfederations", "PingIdentityFederation"),
      own("identity.federation.external-secrets.io", "oidcfederations", "OIDCFederation"),
      own("federation.external-secrets.io", "authorizations", "Authorization"),
      store,
    ] + GeneratorKind.allCases.map(generator)

  private static func own(_ group: String, _ plural: String, _ kind: String) -> ServedKind {
    ServedKind(
      [ResourceType(group: group, version: "v1alpha1", plural: plural, kind: kind, isNamespaced: false)],
      isRequired: true)
  }

  /// `Ready` of a store is External Secrets' own.
  private static let store = ServedKind(
    ["v1", "v1beta1"].map {
      ResourceType(
        group: "external-secrets.io", version: $0, plural: "clustersecretstores", kind: "ClusterSecretStore",
        isNamespaced: false)
    }, condition: "FederationReady")

  private static func generator(_ kind: GeneratorKind) -> ServedKind {
    ServedKind([
      ResourceType(
        group: "generators.external-secrets.io", version: "v1alpha1", plural: "\(kind.rawValue.lowercased())s",
        kind: kind.rawValue)
    ])
  }
}
