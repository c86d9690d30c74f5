import Resources
import FederationAPI
import FederationClient
import FoundationEssentials
import YAML

/// A Secret as the text of a file, and back.
struct TargetFile {
  /// Ours: what Kubernetes keeps in `ownerReferences`, and what a store has no field for.
  private enum Annotation {
    static let owner = "federation.external-secrets.io/owner"
    static let type = "federation.external-secrets.io/type"
    static let immutable = "federation.external-secrets.io/immutable"
  }

  let format: TargetFormat

  /// The file's text. Throws FAILED_PRECONDITION for what has no place in the format.
  func text(of secret: TargetSecret) throws(RPCError) -> [UInt8] {
    var annotations = secret.annotations
    annotations[Annotation.owner] = secret.owner?.name
    if format == .store {
      annotations[Annotation.type] = secret.type == "Opaque" ? nil : secret.type
      annotations[Annotation.immutable] = secret.isImmutable ? "true" : nil
    }
    var lines: [String]
    switch format {
    case .secret: lines = ["apiVersion: v1", "kind: Secret", "metadata:"]
    case .store: lines = ["apiVersion: external-secrets.io/v1", "kind: ClusterSecretStore", "metadata:"]
    }
    let name = format == .secret ? secret.name.name : "\(secret.name.namespace).\(secret.name.name)"
    lines.append("  name: \(SecretDocument.quoted(name))")
    if format == .secret { lines.append("  namespace: \(SecretDocument.quoted(secret.name.namespace))") }
    lines += Self.mapping("labels", secret.labels) + Self.mapping("annotations", annotations)
    switch format {
    case .secret: lines += Self.secretLines(secret)
    case .store: lines += try Self.storeLines(secret)
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private static func mapping(_ field: String, _ values: [String: String]) -> [String] {
    if values.isEmpty { return [] }
    let entries = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return ["  \(field):"]
      + entries.map { "    \(SecretDocument.quoted($0.key)): \(SecretDocument.quoted($0.value))" }
  }

  private static func keys(_ secret: TargetSecret) -> [(key: String, value: SecretBytes)] {
    secret.data.map { ($0.key, $0.value) }.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  private static func secretLines(_ secret: TargetSecret) -> [String] {
    var lines = ["type: \(SecretDocument.quoted(secret.type))"]
    if secret.isImmutable { lines.append("immutable: true") }
    lines.append(secret.data.isEmpty ? "data: {}" : "data:")
    for (key, value) in keys(secret) {
      let encoded = value.withBytes { bytes in bytes.withUnsafeBytes { Data($0).base64EncodedString() } }
      lines.append("  \(SecretDocument.quoted(key)): \"\(encoded)\"")
    }
    return lines
  }

  private static func storeLines(_ secret: TargetSecret) throws(RPCError) -> [String] {
    var lines = ["spec:", "  provider:", "    fake:", secret.data.isEmpty ? "      data: []" : "      data:"]
    for (key, value) in keys(secret) {
      guard let text = value.text else {
        throw RPCError(
          .failedPrecondition, "the value of \"\(key)\" is not UTF-8, which a store of the provider `fake` cannot hold")
      }
      lines.append("        - key: \(SecretDocument.quoted(key))")
      lines.append("          value: \(SecretDocument.quoted(text))")
    }
    return lines
  }

  /// Reads the text of a file; nil when it is no single manifest of the format's kind with that name.
  func secret(_ text: [UInt8], name: ResourceName) -> TargetSecret? {
    var documents: [YAMLDocument] = []
    var texts = RepeatedText()
    YAMLStream.read(text.span.bytes, reusing: &texts) { documents.append($0) }
    guard documents.count == 1, let root = documents[0].root, documents[0].problems.isEmpty,
      root["kind"]?.text == (format == .secret ? "Secret" : "ClusterSecretStore"),
      root["metadata"]?["name"]?.text == (format == .secret ? name.name : "\(name.namespace).\(name.name)"),
      let data = format == .secret ? Self.secretData(root) : Self.storeData(root)
    else { return nil }
    var secret = TargetSecret(name: name, data: data)
    secret.labels = root["metadata"]?["labels"]?.texts ?? [:]
    secret.annotations = root["metadata"]?["annotations"]?.texts ?? [:]
    secret.owner = secret.annotations.removeValue(forKey: Annotation.owner).map { SecretOwner(name: $0) }
    if format == .secret {
      secret.type = root["type"]?.text ?? "Opaque"
      secret.isImmutable = root["immutable"]?.text == "true"
    } else {
      secret.type = secret.annotations.removeValue(forKey: Annotation.type) ?? "Opaque"
      secret.isImmutable = secret.annotations.removeValue(forKey: Annotation.immutable) == "true"
    }
    return secret
  }

  private static func secretData(_ root: YAMLNode) -> [String: SecretBytes]? {
    var data: [String: SecretBytes] = [:]
    for (key, value) in root["data"]?.texts ?? [:] {
      guard let bytes = Base64.decode(value.utf8) else { return nil }
      data[key] = SecretBytes(bytes)
    }
    for (key, value) in root["stringData"]?.texts ?? [:] { data[key] = SecretBytes(value) }
    return data
  }

  private static func storeData(_ root: YAMLNode) -> [String: SecretBytes]? {
    guard case .sequence(let items)? = root["spec"]?["provider"]?["fake"]?["data"]?.content else { return nil }
    var data: [String: SecretBytes] = [:]
    for item in items {
      guard let key = item["key"]?.text, let value = item["value"]?.text else { return nil }
      data[key] = SecretBytes(value)
    }
    return data
  }
}

extension YAMLNode {
  fileprivate var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  fileprivate var texts: [String: String]? {
    guard case .mapping(let entries) = content else { return nil }
    return Dictionary(
      entries.compactMap { entry in entry.value.text.map { (entry.key, $0) } }, uniquingKeysWith: { first, _ in first })
  }
}
