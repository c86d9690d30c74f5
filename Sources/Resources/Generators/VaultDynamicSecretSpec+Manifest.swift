import YAML

extension VaultDynamicSecretSpec {
  static let fields = [
    "controller", "path", "method", "parameters", "resultType", "provider", "allowEmptyResponse", "retrySettings",
  ]
  private static let ignoredOfStore = ["path", "version", "checkAndSet"]

  /// Reads `spec`; nil when something in it was reported.
  init?(_ spec: MappingReader, _ context: inout SecretContext) {
    spec.refuseOtherController()
    spec.refuse("retrySettings", "is not served: what makes a secret is not asked twice; callers are told to ask again")
    let path = Self.path(spec)
    let method = spec.choice("method", default: Method.get, spelling: { $0.uppercased() })
    let parameters = Self.parameters(spec)
    if method == .get, let entry = spec.optional("parameters") {
      spec.report.error(
        entry.keyLine, "\(spec.name("parameters")) cannot be sent with GET; write `method: POST`, or remove it")
    }
    let resultType = Self.resultType(spec)
    let allowsEmpty = spec.boolean("allowEmptyResponse", default: false)
    let provider = spec.mapping("provider", fields: VaultSpec.fields + Self.ignoredOfStore, "say where Vault is")
    for field in Self.ignoredOfStore {
      guard let provider, let entry = provider.optional(field) else { continue }
      provider.report.warning(entry.keyLine, "\(provider.name(field)) has no effect on a generator; remove it")
    }
    let vault = provider.flatMap { VaultSpec($0, &context) }
    guard let path, let method, let parameters, let resultType, let allowsEmpty, let vault else { return nil }
    self.init(
      vault: vault, path: path, method: method, parameters: parameters, resultType: resultType,
      allowsEmptyResponse: allowsEmpty)
  }

  /// `path`; nil when something was reported.
  private static func path(_ spec: MappingReader) -> String? {
    guard
      let entry = spec.required("path", "name what Vault is asked for, for example `path: database/creds/orders`"),
      let path = spec.vaultPath("path")
    else { return nil }
    guard makesTokens(path) else { return path }
    spec.report.error(
      entry.value.line,
      "\(spec.name("path")) is below `auth/`, where Vault makes tokens, which this version does not take back; name a path "
        + "of a secrets engine")
    return nil
  }

  /// Whether Vault makes tokens there, as far as its paths tell: of what is below `auth/`, only AppRole's SecretIDs are known
  /// to be something else.
  private static func makesTokens(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    guard parts.first == "auth" else { return false }
    return !(parts.count == 5 && parts[2] == "role" && parts[4] == "secret-id")
  }

  private static func resultType(_ spec: MappingReader) -> ResultType? {
    if let entry = spec.optional("resultType"), case .scalar("Auth", _) = entry.value.content {
      spec.report.error(
        entry.value.line,
        "\(spec.name("resultType")) `Auth` is not served: this version does not take Vault's tokens back")
      return nil
    }
    return spec.choice("resultType", default: .data)
  }

  /// `parameters`, which may be absent; nil when something was reported.
  private static func parameters(_ spec: MappingReader) -> [UInt8]?? {
    guard let entry = spec.optional("parameters") else { return .some(nil) }
    guard case .mapping = entry.value.content else {
      spec.report.error(
        entry.value.line,
        "\(spec.name("parameters")) must be a mapping, not \(entry.value.type.phrase), for example `{ttl: 1h}`")
      return nil
    }
    guard let line = lineOfOtherNumber(entry.value) else { return .some(ManifestSnapshot.json(entry.value)) }
    spec.report.error(line, "\(spec.name("parameters")) holds a number that is no decimal integer; put it in quotes")
    return nil
  }

  /// Where a number stands that JSON would spell in another way.
  private static func lineOfOtherNumber(_ node: YAMLNode) -> Int? {
    switch node.content {
    case .scalar(let text, _):
      let isOther = node.type == .float || (node.type == .integer && Int(text).map(String.init) != text)
      return isOther ? node.line : nil
    case .sequence(let items): return items.lazy.compactMap(lineOfOtherNumber).first
    case .mapping(let entries): return entries.lazy.compactMap { lineOfOtherNumber($0.value) }.first
    }
  }
}
