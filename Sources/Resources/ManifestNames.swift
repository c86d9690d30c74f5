/// What a manifest is called. Only objects that stand in namespaces heed the namespace.
struct ManifestName {
  /// The namespace of a manifest that names none.
  static let defaultNamespace = "default"

  var namespace: String
  var name: String

  /// For a manifest without a usable name, whose spec is read for its faults alone.
  static let unusable = ManifestName(namespace: defaultNamespace, name: "")
}

/// A kind, a name, and for what stands in namespaces the namespace: what identifies an object, whichever group its kind
/// is written in.
struct ManifestKey: Hashable {
  var kind: String
  /// Nil for what belongs to the whole cluster.
  var namespace: String?
  var name: String

  init(kind: String, namespace: String? = nil, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// For messages: the name, behind its namespace where it has one.
  var title: String { namespace.map { "\($0)/\(name)" } ?? name }
}

/// Where an Authorization names an object of another manifest.
struct ManifestReference {
  var target: ManifestKey
  var location: SourceLocation
}
