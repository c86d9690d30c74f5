import YAML

extension ServiceAccountTokenSource {
  private static let maximumAudiences = 16
  private static let maximumAudienceBytes = 1_024
  /// What the API takes for `expirationSeconds`.
  private static let expirationRange = 600...(1 << 32)

  /// External Secrets' selector of a service account in `field`, nil when it is absent or was reported. `instead` is what
  /// to write where no cluster makes tokens for the server.
  static func read(
    _ field: String, of reader: MappingReader, _ context: SecretContext, expirationSeconds: Int64, instead: String
  ) -> ServiceAccountTokenSource? {
    guard let entry = reader.optional(field), isServed(entry, reader, context, instead: instead) else { return nil }
    return selector(entry, reader, expirationSeconds: expirationSeconds)
  }

  /// Vault's `kubernetesServiceAccountToken` in `field`, as ``read(_:of:_:expirationSeconds:instead:)``. Without
  /// audiences the token is for `audience`.
  static func readRequest(
    _ field: String, of reader: MappingReader, _ context: SecretContext, audience: String, expirationSeconds: Int,
    instead: String
  ) -> ServiceAccountTokenSource? {
    guard let entry = reader.optional(field), isServed(entry, reader, context, instead: instead),
      let request = reader.mapping(entry, fields: ["serviceAccountRef", "audiences", "expirationSeconds"])
    else { return nil }
    let audiences = audiences(request)
    let seconds = request.integer("expirationSeconds", in: expirationRange, default: expirationSeconds)
    let account = request.required("serviceAccountRef", "name the service account, and its namespace")
      .flatMap { selector($0, request, expirationSeconds: 0) }
    guard var source = account, let audiences, let seconds else { return nil }
    source.audiences += audiences.isEmpty ? [audience] : audiences
    source.expirationSeconds = Int64(seconds)
    return source
  }

  /// Whoever writes a generator must not choose where the tokens of accounts go that others run programs as.
  private static func isServed(
    _ entry: YAMLEntry, _ reader: MappingReader, _ context: SecretContext, instead: String
  ) -> Bool {
    if context.ownNamespace != nil {
      reader.report.error(
        entry.keyLine, "\(reader.name(entry.key)) is for stores; a generator has its credentials from Secrets")
      return false
    }
    guard !context.hasCluster else { return true }
    reader.report.error(
      entry.keyLine,
      "\(reader.name(entry.key)) needs a cluster that makes the token: start the server with `--kubernetes`, or have the "
        + "token projected into a file and write \(instead)")
    return false
  }

  private static func selector(
    _ entry: YAMLEntry, _ reader: MappingReader, expirationSeconds: Int64
  ) -> ServiceAccountTokenSource? {
    guard let account = reader.mapping(entry, fields: ["name", "namespace", "audiences"]) else { return nil }
    let name = account.objectName("name", "name the service account")
    let namespace = account.string("namespace", "name the service account's namespace: a ClusterSecretStore is in none")
      .flatMap { account.checkedNamespace($0, account.name("namespace")) }
    let audiences = audiences(account)
    guard let name, let namespace, let audiences else { return nil }
    return ServiceAccountTokenSource(
      account: ResourceName(namespace: namespace.value, name: name.value), audiences: audiences,
      expirationSeconds: expirationSeconds)
  }

  private static func audiences(_ reader: MappingReader) -> [String]? {
    guard let items = reader.items("audiences") else { return nil }
    guard items.count <= maximumAudiences else {
      reader.report.error(
        reader.line, "\(reader.name("audiences")) has more than \(maximumAudiences) items; shorten it")
      return nil
    }
    var audiences: [String] = []
    for item in items {
      guard let text = reader.string(item.node, item.name, emptyAdvice: "remove it") else { return nil }
      guard text.value.utf8.count <= maximumAudienceBytes, text.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
      else {
        reader.report.error(
          text.line, "\(item.name) must be one line of at most \(maximumAudienceBytes) bytes")
        return nil
      }
      audiences.append(text.value)
    }
    return audiences
  }
}
