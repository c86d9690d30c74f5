import YAML

/// `metadata` of a manifest: only name and namespace matter here, the rest is what Kubernetes tools write.
enum ObjectMetadata {
  static let fields = [
    "name", "namespace", "labels", "annotations", "generateName", "uid", "resourceVersion", "generation",
    "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "finalizers", "ownerReferences",
    "managedFields", "selfLink",
  ]

  /// The namespace of an object that stands in one, `default` where none is named; nil when it was reported. Kinds of
  /// the whole cluster ignore theirs.
  static func namespace(_ metadata: MappingReader) -> String? {
    guard let entry = metadata.optional("namespace") else { return ManifestName.defaultNamespace }
    return metadata.string(entry.value, metadata.name("namespace"), emptyAdvice: "name it, or remove the field")
      .flatMap { metadata.checkedNamespace($0, metadata.name("namespace")) }?.value
  }

  /// Reports labels and annotations that Kubernetes would refuse.
  static func check(_ metadata: MappingReader) {
    for field in ["labels", "annotations"] {
      guard let entry = metadata.optional(field) else { continue }
      guard case .mapping(let entries) = entry.value.content else {
        metadata.report.error(
          entry.value.line, "\(metadata.name(field)) must be a mapping, not \(entry.value.type.phrase)")
        continue
      }
      for label in entries where label.value.type != .null {
        _ = metadata.text(label.value, metadata.name("\(field).\(label.key)"))
      }
    }
  }
}
