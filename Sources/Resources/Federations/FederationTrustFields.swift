import YAML

/// The fields that all kinds of federation for tokens share: `issuer`, `audiences` and `caBundle`.
struct FederationTrustFields {
  let issuer: String?
  let audiences: [String]?
  let caBundle: [UInt8]?

  /// Reads them from `spec`; faults are reported. Warns of missing audiences.
  init(_ spec: MappingReader, kind: String, name: String) {
    issuer = Self.issuer(spec)
    audiences = Self.audiences(spec)
    caBundle = spec.optional("caBundle").flatMap { entry in
      spec.string(entry.value, spec.name("caBundle"), emptyAdvice: "remove it, or give the issuer's CA")
        .flatMap { spec.checked($0, spec.name("caBundle"), by: { CABundle.decode($0) }) }
    }
    if !name.isEmpty && spec.optional("audiences") == nil {
      spec.report.warning(
        spec.line,
        "\(kind) \(quoted(name)) has no `audiences`, so tokens made for any other service are accepted; "
          + "list the audience of this server's tokens in `spec.audiences`")
    }
  }

  /// Kept as it is written, a slash at its end included: it is compared with the tokens' `iss` byte for byte.
  private static func issuer(_ spec: MappingReader) -> String? {
    guard let entry = spec.optional("issuer"),
      let text = spec.string(entry.value, spec.name("issuer"), emptyAdvice: "write the `iss` of the tokens")
    else { return nil }
    let check = FederationURL.check(like: FederationURL.issuer)
    return spec.checked(text, spec.name("issuer"), by: check).map { _ in text.value }
  }

  static func audiences(_ spec: MappingReader) -> [String]? {
    guard let entry = spec.optional("audiences"), let items = spec.items(entry) else { return nil }
    if items.isEmpty {
      spec.report.error(
        entry.keyLine, "`spec.audiences` is an empty list, which no token fits; list an audience, or remove the field")
    }
    return items.compactMap {
      spec.string($0.node, $0.name, emptyAdvice: "write an audience, or remove it")?.value
    }
  }
}

extension MappingReader {
  /// The namespace of a Secret that an identity kind names without one: the documented API's.
  private static let identitySecretNamespace = "external-secrets"

  /// The entry of a Secret that the required `field` names, in any namespace; noted in `references`.
  func identitySecret(
    _ field: String, of kind: String, _ references: inout [SecretReference]
  ) -> SecretKeySelector? {
    let advice = "name an entry of a Secret, for example `\(field): {name: example, key: token}`"
    guard let mapping = mapping(field, fields: ["name", "key", "namespace"], advice) else { return nil }
    var namespace: String? = Self.identitySecretNamespace
    if let entry = mapping.optional("namespace") {
      namespace =
        mapping.string(entry.value, mapping.name("namespace"), emptyAdvice: "remove it")
        .flatMap { mapping.checkedNamespace($0, mapping.name("namespace")) }?.value
    }
    let secret = mapping.objectName("name", "name the Secret")
    let key = mapping.string("key", "name the entry of the Secret's data")
    if let key, !KubernetesName.isDataKey(key.value) {
      report.error(
        key.line,
        "\(mapping.name("key")) \(quoted(key.value)) is no key; use at most 253 letters, digits, `-`, `.` and `_`")
      return nil
    }
    guard let namespace, let secret, let key else { return nil }
    references.append(
      SecretReference(
        key: ManifestKey(kind: "Secret", namespace: namespace, name: secret.value), entry: key.value,
        location: report.location(secret.line), consequence: "this \(kind) cannot tell whether identities are there"))
    return SecretKeySelector(namespace: namespace, name: secret.value, key: key.value)
  }
}
