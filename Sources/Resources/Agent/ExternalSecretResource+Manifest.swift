import YAML

extension ExternalSecretResource {
  private static let fields = [
    "refreshInterval", "refreshPolicy", "secretStoreRef", "target", "data", "dataFrom",
  ]
  /// What ESO has where the manifest says nothing.
  private static let defaultRefreshSeconds = 3_600.0

  /// Reads the manifest; nil when something in it was reported. The items of `data` and `dataFrom` are for those who
  /// resolve them.
  init?(_ manifest: MappingReader, name: ManifestName, location: SourceLocation) {
    let errorsBefore = manifest.report.errorCount
    let advice = "say what is wanted: `spec: {secretStoreRef: {...}, data: [...]}`"
    guard let spec = manifest.mapping("spec", fields: Self.fields, advice) else { return nil }
    let tenYears = 10.0 * 366 * 86_400
    let interval = spec.duration("refreshInterval", in: 0...tenYears, "at most ten years, `87600h`")
    let policy: RefreshPolicy? = spec.choice("refreshPolicy", default: .periodic)
    let store = Self.store(spec)
    let data = Self.list("data", spec)
    let dataFrom = Self.list("dataFrom", spec)
    if spec.optional("data") == nil, spec.optional("dataFrom") == nil {
      spec.report.error(spec.line, "\(spec.path.name) has neither `data` nor `dataFrom`; say what is wanted")
    }
    let target = ExternalSecretTarget(spec, externalSecret: name.name)
    let metadata = manifest.optional("metadata").flatMap { manifest.mapping($0, fields: ObjectMetadata.fields) }
    let labels = metadata?.texts("labels")
    let annotations = metadata?.texts("annotations")
    guard let policy, let store, let target, let labels, let annotations,
      manifest.report.errorCount == errorsBefore, let content = manifest.optional("spec")?.value
    else { return nil }
    self.init(
      namespace: name.namespace, name: name.name, labels: labels, annotations: annotations, refreshPolicy: policy,
      refreshSeconds: interval?.value ?? Self.defaultRefreshSeconds, store: store, target: target, data: data,
      dataFrom: dataFrom, fingerprint: ManifestSnapshot.json(content, labels, annotations), location: location)
  }

  private static func store(_ spec: MappingReader) -> String? {
    let advice = "name the store: `secretStoreRef: {kind: FederationStore, name: ...}`"
    guard let reference = spec.mapping("secretStoreRef", fields: ["name", "kind"], advice),
      let kind = reference.string("kind", "write `kind: FederationStore`"),
      let name = reference.objectName("name", "name the FederationStore")
    else { return nil }
    guard kind.value == "FederationStore" else {
      spec.report.error(
        kind.line,
        "\(reference.name("kind")) \(quoted(kind.value)) is not served by this agent; write `FederationStore`")
      return nil
    }
    return name.value
  }

  private static func list(_ field: String, _ spec: MappingReader) -> [UInt8] {
    guard let entry = spec.optional(field), spec.items(entry) != nil else { return [] }
    return ManifestSnapshot.json(entry.value)
  }
}

extension ExternalSecretTarget {
  private static let fields = ["name", "creationPolicy", "deletionPolicy", "immutable", "template", "manifest"]

  /// Reads `target`, which may be absent.
  init?(_ spec: MappingReader, externalSecret: String) {
    self.init(
      name: externalSecret, creationPolicy: .owner, deletionPolicy: .retain, isImmutable: false, template: nil)
    guard let entry = spec.optional("target") else { return }
    let errorsBefore = spec.report.errorCount
    guard let target = spec.mapping(entry, fields: Self.fields) else { return nil }
    target.refuse("manifest", "is not supported: the target is always a Secret; remove it")
    if let entry = target.optional("name") {
      name =
        target.string(entry.value, target.name("name"), emptyAdvice: "name the Secret, or remove the field")
        .flatMap { target.checkedName($0, target.name("name")) }?.value ?? name
    }
    creationPolicy = target.choice("creationPolicy", default: .owner) ?? .owner
    deletionPolicy = target.choice("deletionPolicy", default: .retain) ?? .retain
    isImmutable = target.boolean("immutable", default: false) ?? false
    if let entry = target.optional("template") {
      template = target.mapping(entry, fields: SecretTemplate.fields).flatMap { SecretTemplate($0) }
    }
    // The combinations that would take away what others made.
    let isRefused =
      (deletionPolicy == .delete && creationPolicy != .owner) || (deletionPolicy == .merge && creationPolicy == .none)
    if isRefused {
      target.report.error(
        target.optional("deletionPolicy")?.keyLine ?? target.line,
        "\(target.name("deletionPolicy")) cannot be \(quoted(deletionPolicy.rawValue)) with "
          + "`creationPolicy: \(creationPolicy.rawValue)`; write `Retain`"
          + (deletionPolicy == .delete ? ", or `creationPolicy: Owner`" : ""))
    }
    guard spec.report.errorCount == errorsBefore else { return nil }
  }
}

extension SecretTemplate {
  static let fields = ["engineVersion", "type", "metadata", "data", "mergePolicy", "templateFrom"]
  private enum EngineVersion: String, CaseIterable {
    case v2
  }
  private enum MergePolicy: String, CaseIterable {
    case replace = "Replace"
    case merge = "Merge"
  }

  init?(_ template: MappingReader) {
    let errorsBefore = template.report.errorCount
    template.refuse("templateFrom", "is not supported; write the template into `data`")
    let _: EngineVersion? = template.choice("engineVersion", default: .v2)
    let policy: MergePolicy? = template.choice("mergePolicy", default: .replace)
    let type = template.line("type", default: "", maximum: 253)
    let data = template.texts("data")
    var labels: [String: String]? = [:]
    var annotations: [String: String]? = [:]
    if let entry = template.optional("metadata"),
      let metadata = template.mapping(entry, fields: ["labels", "annotations"])
    {
      labels = metadata.texts("labels")
      annotations = metadata.texts("annotations")
    }
    for key in (data ?? [:]).keys.sorted() where !KubernetesName.isDataKey(key) {
      template.report.error(
        template.optional("data")?.keyLine ?? template.line,
        "\(template.name("data.\(key)")) is no key; use at most 253 letters, digits, `-`, `.` and `_`")
    }
    guard let policy, let type, let data, let labels, let annotations, template.report.errorCount == errorsBefore
    else { return nil }
    self.init(
      type: type.isEmpty ? nil : type, labels: labels, annotations: annotations, data: data,
      mergesData: policy == .merge)
  }
}
