import YAML

/// One object of the Kubernetes API, as a manifest would have it.
public struct ManifestObject: Sendable {
  /// What the object is called, which stands in place of a file in the location of all that is said about it.
  public var title: String
  /// `apiVersion`, `kind`, `metadata` and what the object says.
  public var root: YAMLNode

  /// Makes an object.
  public init(title: String, root: YAMLNode) {
    self.title = title
    self.root = root
  }
}

/// A kind whose objects a server reads as its resources.
public struct ObjectKind: Sendable, Hashable {
  /// As `kind` of an object.
  public var name: String
  /// The `apiVersion`s in which it is read, the one to prefer first.
  public var apiVersions: [String]
  /// Whether its objects stand in namespaces.
  public var isNamespaced: Bool
}

/// What the objects of a cluster come to.
public struct ObjectManifests: Sendable {
  /// The resources of those that have no error.
  public var manifests: Manifests
  /// All that is to be said about them.
  public var diagnostics: [Diagnostic]
  /// The titles of those that were left out.
  public var refused: Set<String>
  /// The Secrets and ConfigMaps that those which were not left out refer to, whether or not there are such, each with the titles of
  /// who does.
  public var namedSecrets: [ResourceName: Set<String>]
}

extension ManifestLoader {
  /// Every kind of a server's manifests but Secrets and ConfigMaps, of which only those count that others refer to.
  public static let objectKinds = ManifestKind.kinds(for: .server).filter { $0 != .secret && $0 != .configMap }.map {
    ObjectKind(name: $0.name, apiVersions: $0.apiVersions, isNamespaced: $0.isNamespaced)
  }

  /// Reads the objects of a cluster as a server's manifests, each by itself: one that has an error is left out alone.
  ///
  /// `secrets` are those that ``readSecret(_:)`` gave. Nothing is said about references to Secrets of which `isUnread`
  /// tells that nobody knows yet whether they are there.
  public static func read(
    _ objects: [ManifestObject], secrets: [SecretResource] = [],
    isUnread: @escaping (ResourceName) -> Bool = { _ in false }
  ) -> ObjectManifests {
    let report = ManifestReport(maximum: YAMLLimits().problems)
    var decoder = ManifestDecoder(report: report)
    decoder.isUnread = isUnread
    decoder.hasCluster = true
    for secret in secrets { decoder.take(secret) }
    var refused: Set<String> = []
    for object in objects {
      report.file = object.title
      let errorsBefore = report.errorCount
      decoder.decode(YAMLDocument(root: object.root, line: 0))
      if report.errorCount > errorsBefore { refused.insert(object.title) }
    }
    let namedSecrets = decoder.namedSecrets(without: refused)
    decoder.checkReferences()
    return ObjectManifests(
      manifests: decoder.manifests, diagnostics: report.diagnostics, refused: refused, namedSecrets: namedSecrets)
  }

  /// Reads one Secret or ConfigMap of a cluster; nil when it has an error.
  public static func readSecret(_ object: ManifestObject) -> (secret: SecretResource?, diagnostics: [Diagnostic]) {
    let result = read([object])
    return (result.manifests.secrets.first, result.diagnostics)
  }
}
