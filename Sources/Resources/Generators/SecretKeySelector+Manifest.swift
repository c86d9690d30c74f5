import YAML

/// Where a manifest names a Secret, to be looked for when every manifest was read.
struct SecretReference: Hashable {
  var key: ManifestKey
  /// The entry of the Secret's data; nil when only the Secret is named.
  var entry: String?
  var location: SourceLocation
  /// What is the matter as long as it is missing.
  var consequence = "this generator cannot be used"
}

/// What the specs of one generator are read with: where it is, and what it refers to.
struct GeneratorContext {
  /// The generator's own namespace.
  let namespace: String
  var secretReferences: [SecretReference] = []

  /// The selector in the required `field`. A generator must not read the Secrets of other namespaces.
  mutating func selector(_ field: String, of reader: MappingReader) -> SecretKeySelector? {
    let advice = "name an entry of a Secret, for example `\(field): {name: example, key: password}`"
    guard let mapping = reader.mapping(field, fields: ["name", "key", "namespace"], advice) else { return nil }
    return selector(mapping)
  }

  /// The selector that stands in `mapping`.
  mutating func selector(_ mapping: MappingReader) -> SecretKeySelector? {
    let secret = secretName(mapping)
    let key = mapping.string("key", "name the entry of the Secret's data").flatMap { dataKey($0, "key", of: mapping) }
    guard let secret, let key else { return nil }
    note(secret, entry: key, mapping.report)
    return SecretKeySelector(namespace: namespace, name: secret.value, key: key)
  }

  /// The name of a Secret in `name`, checked together with a `namespace` beside it.
  func secretName(_ mapping: MappingReader) -> Located<String>? {
    if let entry = mapping.optional("namespace"),
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

  /// Remembers that the generator needs the Secret, or an entry of it.
  mutating func note(_ secret: Located<String>, entry: String?, _ report: ManifestReport) {
    let key = ManifestKey(kind: "Secret", namespace: namespace, name: secret.value)
    secretReferences.append(
      SecretReference(key: key, entry: entry, location: report.location(secret.line)))
  }
}
