/// A Kubernetes `ConfigMap` (`v1`) among an agent's manifests: where a FederationStore may take its server's CA from.
public struct ConfigMapResource: Sendable, Equatable {
  /// `metadata.namespace`, `default` where the manifest names none.
  public var namespace: String
  /// `metadata.name`.
  public var name: String
  /// `data`.
  public var values: [String: String]

  /// Makes a ConfigMap without checking it; ``ManifestLoader`` checks.
  public init(namespace: String = "default", name: String, values: [String: String]) {
    self.namespace = namespace
    self.name = name
    self.values = values
  }
}

extension ConfigMapResource {
  static let fields = ["data", "binaryData", "immutable"]

  /// Reads the manifest; nil when something in it was reported.
  init?(_ manifest: MappingReader, name: ManifestName) {
    let errorsBefore = manifest.report.errorCount
    manifest.refuse("binaryData", "is not read; write text into `data`")
    _ = manifest.boolean("immutable", default: false)
    let values = manifest.texts("data")
    guard let values, manifest.report.errorCount == errorsBefore else { return nil }
    self.init(namespace: name.namespace, name: name.name, values: values)
  }
}
