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

  /// Each kind that files may have.
  static let all = ManifestLoader.objectKinds.map(ServedKind.init)

  private init(_ kind: ObjectKind) {
    let versions = kind.apiVersions.map { apiVersion in
      let parts = apiVersion.split(separator: "/").map(String.init)
      return ResourceType(
        group: parts[0], version: parts[parts.count - 1], plural: "\(kind.name.lowercased())s", kind: kind.name,
        isNamespaced: kind.isNamespaced)
    }
    // A group that a kind has left is read in files alone: in a cluster it would be another kind.
    self.versions = versions.filter { $0.group == versions[0].group }
    isRequired = versions[0].group.hasSuffix("federation.external-secrets.io")
    // `Ready` of a store is External Secrets' own.
    condition = kind.name == "ClusterSecretStore" ? "FederationReady" : "Ready"
  }
}
