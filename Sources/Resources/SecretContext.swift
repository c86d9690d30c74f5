import YAML

/// Where a manifest names a Secret, to be looked for when every manifest was read.
struct SecretReference: Hashable {
  var key: ManifestKey
  /// The entry of the Secret's data; nil when only the Secret is named.
  var entry: String?
  var location: SourceLocation
  /// What is the matter as long as it is missing.
  var consequence = "this generator cannot be used"

  /// The same without its place; nil for a Secret of no namespace.
  var need: SecretNeed? {
    key.namespace.map { namespace in
      let isConfigMap = key.kind == ManifestKind.configMap.name
      return SecretNeed(
        secret: ResourceName(namespace: namespace, name: key.name, isConfigMap: isConfigMap), entry: entry)
    }
  }
}

/// What the spec of one generator or store is read with: where it is, and what it refers to.
struct SecretContext {
  /// The generator's own namespace, whose Secrets are all that it may read; nil for a store, which stands in none and
  /// names them.
  let ownNamespace: String?
  /// Whether the server that is to use it can have a cluster make tokens of service accounts.
  let hasCluster: Bool
  var secretReferences: [SecretReference] = []

  init(namespace: String?, hasCluster: Bool = false) {
    ownNamespace = namespace
    self.hasCluster = hasCluster
  }

  /// What was noted.
  var needs: Set<SecretNeed> { Set(secretReferences.compactMap(\.need)) }

  /// Where Secrets are that no namespace is given for.
  var namespace: String { ownNamespace ?? ManifestName.defaultNamespace }

  /// The selector in the required `field`.
  mutating func selector(_ field: String, of reader: MappingReader) -> SecretKeySelector? {
    let advice = "name an entry of a Secret, for example `\(field): {name: example, key: password}`"
    guard let mapping = reader.mapping(field, fields: ["name", "key", "namespace"], advice) else { return nil }
    return selector(mapping)
  }

  /// The selector that stands in `mapping`.
  mutating func selector(_ mapping: MappingReader, isConfigMap: Bool = false) -> SecretKeySelector? {
    let namespace = namespace(in: mapping)
    let secret = secretName(mapping)
    let key = mapping.string("key", "name the entry of the Secret's data").flatMap { dataKey($0, "key", of: mapping) }
    guard let secret, let key, let namespace else { return nil }
    note(secret, in: namespace, entry: key, mapping.report, isConfigMap: isConfigMap)
    return SecretKeySelector(namespace: namespace, name: secret.value, key: key, isConfigMap: isConfigMap)
  }

  /// The namespace that `mapping` names; nil when it was reported.
  func namespace(in mapping: MappingReader) -> String? {
    guard ownNamespace == nil, let entry = mapping.optional("namespace") else { return namespace }
    let name = mapping.name("namespace")
    return mapping.string(entry.value, name, emptyAdvice: "name it, or remove the field")
      .flatMap { mapping.checkedNamespace($0, name) }?.value
  }

  /// The name of a Secret in `name`, checked together with a `namespace` beside it.
  func secretName(_ mapping: MappingReader) -> Located<String>? {
    if let namespace = ownNamespace, let entry = mapping.optional("namespace"),
      let text = mapping.string(entry.value, mapping.name("namespace"), emptyAdvice: "remove it"),
      text.value != namespace
    {
      mapping.report.error(
        text.line,
        "\(mapping.name("namespace")) must be the generator's own, \(quoted(namespace)), or be left out: a generator "
          + "cannot read the Secrets of other namespaces")
    }
    return mapping.objectName("name", "name the Secret")
  }

  /// `text` when it can name an entry of a Secret.
  func dataKey(_ text: Located<String>, _ field: String, of mapping: MappingReader) -> String? {
    if KubernetesName.isDataKey(text.value) { return text.value }
    mapping.report.error(
      text.line,
      "\(mapping.name(field)) \(quoted(text.value)) is no key; use at most 253 letters, digits, `-`, `.` and `_`")
    return nil
  }

  /// Remembers that the generator or store needs the Secret or ConfigMap, or an entry of it.
  mutating func note(
    _ secret: Located<String>, in namespace: String? = nil, entry: String?, _ report: ManifestReport,
    isConfigMap: Bool = false
  ) {
    let kind = isConfigMap ? ManifestKind.configMap : .secret
    let key = ManifestKey(kind: kind.name, namespace: namespace ?? self.namespace, name: secret.value)
    var reference = SecretReference(key: key, entry: entry, location: report.location(secret.line))
    if ownNamespace == nil { reference.consequence = "this store cannot be used" }
    secretReferences.append(reference)
  }
}
