import FederationAPI
import FoundationEssentials
import YAML

extension SecretResource {
  static let fields = ["data", "stringData", "type", "immutable"]
  /// Kubernetes' own limit for a Secret's values, keys not counted.
  private static let maximumByteCount = 1 << 20

  /// Reads the manifest; nil when something in it was reported.
  init?(_ manifest: MappingReader, name: ManifestName, location: SourceLocation) {
    let errorsBefore = manifest.report.errorCount
    if let entry = manifest.optional("type") { _ = manifest.text(entry.value, manifest.name("type")) }
    _ = manifest.boolean("immutable", default: false)

    var values: [String: SecretBytes] = [:]
    for entry in Self.entries(manifest, "data") where manifest.checkedDataKey(entry, "data") {
      let field = quoted("data.\(entry.key)")
      guard let text = manifest.text(entry.value, field) else { continue }
      values[entry.key] = manifest.checked(text, field, by: Self.decode)
    }
    let plain = Self.entries(manifest, "stringData")
    for (key, value) in manifest.secretValues(plain, "stringData") ?? [:] { values[key] = value }

    let size = values.values.reduce(0) { $0 + $1.count }
    if size > Self.maximumByteCount {
      manifest.report.error(
        manifest.line, "the Secret's values are larger than \(Self.maximumByteCount >> 20) MiB; split it")
    }
    guard manifest.report.errorCount == errorsBefore else { return nil }
    self.init(namespace: name.namespace, name: name.name, values: values, location: location)
  }

  /// Reads a ConfigMap's manifest; nil when something in it was reported. What it has beside texts is left aside: nobody
  /// refers to it.
  init?(configMap manifest: MappingReader, name: ManifestName, location: SourceLocation) {
    let errorsBefore = manifest.report.errorCount
    _ = manifest.boolean("immutable", default: false)
    let values = manifest.texts("data")
    guard let values, manifest.report.errorCount == errorsBefore else { return nil }
    self.init(
      namespace: name.namespace, name: name.name, values: values.mapValues { SecretBytes($0) }, location: location,
      isConfigMap: true)
  }

  private static func entries(_ manifest: MappingReader, _ field: String) -> [YAMLEntry] {
    guard let entry = manifest.optional(field) else { return [] }
    guard case .mapping(let entries) = entry.value.content else {
      manifest.report.error(
        entry.value.line, "\(manifest.name(field)) must be a mapping, not \(entry.value.type.phrase)")
      return []
    }
    return entries
  }

  /// Base64 as Kubernetes reads it: with padding, line breaks ignored. The fault never holds the value.
  private static func decode(_ text: String) -> Result<SecretBytes, FieldFault> {
    let compact = text.utf8.filter { ![0x09, 0x0A, 0x0D, 0x20].contains($0) }
    guard let data = Data(base64Encoded: Data(compact)) else {
      return .failure(
        FieldFault("is not base64; encode the value with `base64 -w0`, or write it as it is in `stringData`"))
    }
    var bytes = Array(data)
    return .success(SecretBytes(wiping: &bytes))
  }
}
