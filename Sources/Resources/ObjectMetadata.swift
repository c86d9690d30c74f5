import YAML

/// `metadata` of a manifest: only the name matters here, the rest is what Kubernetes tools write.
enum ObjectMetadata {
  static let fields = [
    "name", "namespace", "labels", "annotations", "generateName", "uid", "resourceVersion", "generation",
    "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "finalizers", "ownerReferences",
    "managedFields", "selfLink",
  ]

  /// Reports labels and annotations that Kubernetes would refuse; a namespace is ignored, as these kinds have none.
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
