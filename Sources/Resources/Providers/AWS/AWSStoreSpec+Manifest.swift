import YAML

extension AWSStoreSpec {
  private static let fields = [
    "service", "region", "auth", "role", "additionalRoles", "externalID", "sessionTags", "transitiveTagKeys", "prefix",
    "secretsManager", "endpoint", "stsEndpoint",
  ]

  /// Reads `spec.provider.aws`; nil when something was reported.
  init?(_ entry: YAMLEntry, _ report: ManifestReport, _ context: inout SecretContext) {
    guard
      let reader = MappingReader(
        entry.value, path: .text("spec.provider.aws"), line: entry.keyLine, fields: Self.fields, report: report)
    else { return nil }
    let errorsBefore = report.errorCount
    if let unused = reader.optional("secretsManager") {
      report.warning(
        unused.keyLine, "\(reader.name("secretsManager")) is about writing, which this server does not; remove it")
    }
    let services = Suggestion.list(Service.allCases.map(\.rawValue))
    let service =
      reader.required("service", "write one of \(services)") == nil
      ? nil : reader.choice("service", default: Service.secretsManager)
    let region = Self.region(reader)
    let prefix = reader.line("prefix", default: "", maximum: 512)
    let authentication = Authentication(reader, &context)
    let roles = Role.list(reader)
    let endpoint = Self.url("endpoint", reader)
    let stsEndpoint = Self.url("stsEndpoint", reader)
    guard let service, let region, let prefix, let authentication, report.errorCount == errorsBefore else { return nil }
    self.init(
      service: service, region: region, prefix: prefix, authentication: authentication, roles: roles,
      endpoint: endpoint, stsEndpoint: stsEndpoint)
  }

  private static func region(_ reader: MappingReader) -> String? {
    guard let text = reader.string("region", "name the region, for example `region: eu-west-1`") else { return nil }
    if KubernetesName.isLabel(text.value) { return text.value }
    reader.report.error(
      text.line, "\(reader.name("region")) \(quoted(text.value)) is no region; write it as AWS does, `eu-west-1`")
    return nil
  }

  /// An endpoint is a host: what is signed has no path.
  private static func url(_ field: String, _ reader: MappingReader) -> BackendURL? {
    guard let entry = reader.optional(field),
      let text = reader.string(entry.value, reader.name(field), emptyAdvice: "remove it for AWS's own address"),
      let url = reader.checked(text, reader.name(field), by: BackendURL.check)
    else { return nil }
    let authority = url.text.drop { $0 != "/" }.dropFirst(2)
    guard authority.contains("/") else { return url }
    reader.report.error(text.line, "\(reader.name(field)) must end behind the host and the port; remove its path")
    return nil
  }
}

extension AWSStoreSpec.Authentication {
  private static let fields = ["secretRef", "jwt", "webIdentity", "profile"]

  /// Reads `auth`, which may be absent; nil when something was reported.
  fileprivate init?(_ aws: MappingReader, _ context: inout SecretContext) {
    guard let entry = aws.optional("auth") else {
      self = .environment
      return
    }
    guard let auth = aws.mapping(entry, fields: Self.fields) else { return nil }
    auth.refuse(
      "jwt", "is not served; have the service account's token projected into a file, and write `webIdentity`")
    let named = ["secretRef", "webIdentity", "profile"].compactMap(auth.optional)
    guard let method = named.first, named.count == 1 else {
      if auth.optional("jwt") == nil {
        auth.report.error(
          entry.keyLine, "\(aws.name("auth")) must have one of `secretRef`, `webIdentity` and `profile`, or be left out"
        )
      }
      return nil
    }
    let parsed: Self? =
      switch method.key {
      case "secretRef": Self.keys(method, auth, &context)
      case "webIdentity": Self.webIdentity(method, auth, &context)
      default: Self.profile(method, auth)
      }
    guard let parsed else { return nil }
    self = parsed
  }

  private static func keys(_ entry: YAMLEntry, _ auth: MappingReader, _ context: inout SecretContext) -> Self? {
    let fields = ["accessKeyIDSecretRef", "secretAccessKeySecretRef", "sessionTokenSecretRef"]
    guard let reader = auth.mapping(entry, fields: fields) else { return nil }
    let id = CredentialSource.required("accessKeyIDSecretRef", of: reader, &context)
    let key = CredentialSource.required("secretAccessKeySecretRef", of: reader, &context)
    let token = CredentialSource.read("sessionTokenSecretRef", of: reader, &context)
    guard let id, let key else { return nil }
    return .keys(accessKeyID: id, secretAccessKey: key, sessionToken: token)
  }

  private static func webIdentity(
    _ entry: YAMLEntry, _ auth: MappingReader, _ context: inout SecretContext
  ) -> Self? {
    guard let reader = auth.mapping(entry, fields: ["role", "tokenSecretRef"]) else { return nil }
    let role = reader.string("role", "name the role by its ARN").flatMap { AWSStoreSpec.Role.arn($0, "role", reader) }
    let token = CredentialSource.required("tokenSecretRef", of: reader, &context)
    guard let role, let token else { return nil }
    return .webIdentity(role: role, token: token)
  }

  private static func profile(_ entry: YAMLEntry, _ auth: MappingReader) -> Self? {
    guard let reader = auth.mapping(entry, fields: ["name", "file"]),
      let name = reader.line("name", default: "", maximum: 256),
      let file = reader.line("file", default: "", maximum: 4_096)
    else { return nil }
    guard file.isEmpty || file.hasPrefix("/") else {
      reader.report.error(reader.line, "\(reader.name("file")) must be a path that begins with `/`")
      return nil
    }
    return .profile(name: name.isEmpty ? nil : name, file: file.isEmpty ? nil : file)
  }
}

extension AWSStoreSpec.Role {
  private static let maximumRoles = 8
  private static let maximumTags = 50

  /// Those to assume, in their order; what is wrong was reported.
  fileprivate static func list(_ reader: MappingReader) -> [Self] {
    var roles: [Self] = []
    for role in texts("additionalRoles", reader, maximum: maximumRoles) {
      if let arn = arn(role, "additionalRoles", reader) { roles.append(Self(arn: arn)) }
    }
    let externalID = reader.line("externalID", default: "", maximum: 1_224) ?? ""
    let tags = tags(reader)
    let transitive = texts("transitiveTagKeys", reader, maximum: maximumTags).map(\.value)
    guard let entry = reader.optional("role") else {
      for field in ["externalID", "sessionTags", "transitiveTagKeys"] {
        guard let entry = reader.optional(field) else { continue }
        reader.report.error(entry.keyLine, "\(reader.name(field)) needs a \(reader.name("role")) beside it")
      }
      return roles
    }
    guard let text = reader.string(entry.value, reader.name("role"), emptyAdvice: "remove it"),
      let arn = arn(text, "role", reader)
    else { return roles }
    return roles + [
      Self(
        arn: arn, externalID: externalID.isEmpty ? nil : externalID, sessionTags: tags, transitiveTagKeys: transitive)
    ]
  }

  /// `text` when it looks like a role's ARN; which there are, AWS knows.
  fileprivate static func arn(_ text: Located<String>, _ field: String, _ reader: MappingReader) -> String? {
    let parts = text.value.split(separator: ":", omittingEmptySubsequences: false)
    if (20...2_048).contains(text.value.utf8.count), parts.count == 6, parts[0] == "arn", parts[2] == "iam",
      parts[5].hasPrefix("role/"), text.value.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    {
      return text.value
    }
    reader.report.error(
      text.line,
      "\(reader.name(field)) \(quoted(text.value)) is no role; write its ARN, `arn:aws:iam::123456789012:role/example`")
    return nil
  }

  private static func tags(_ reader: MappingReader) -> [Tag] {
    guard let items = reader.items("sessionTags"), isShort(items, "sessionTags", reader, maximumTags) else { return [] }
    return items.compactMap { item in
      guard
        let tag = MappingReader(
          item.node, path: item.path, line: item.node.line, fields: ["key", "value"], report: reader.report),
        let key = tag.string("key", "name the tag"), let value = tag.line("value", default: "", maximum: 256)
      else { return nil }
      return tag.isShort(key, "key", 128) ? Tag(key: key.value, value: value) : nil
    }
  }

  private static func texts(_ field: String, _ reader: MappingReader, maximum: Int) -> [Located<String>] {
    guard let items = reader.items(field), isShort(items, field, reader, maximum) else { return [] }
    return items.compactMap { reader.string($0.node, $0.name, emptyAdvice: "remove it") }
  }

  private static func isShort(_ items: ListItems, _ field: String, _ reader: MappingReader, _ maximum: Int) -> Bool {
    if items.count <= maximum { return true }
    reader.report.error(reader.line, "\(reader.name(field)) has more than \(maximum) items; shorten it")
    return false
  }
}
