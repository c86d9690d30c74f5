import YAML

extension PostgreSqlSpec {
  static let fields = ["database", "host", "port", "auth", "user", "sslMode", "caBundle", "cleanupPolicy"]
  private static let defaultUsername = "ese_user"

  /// Reads `spec`; nil when something in it was reported.
  init?(_ spec: MappingReader, _ context: inout SecretContext) {
    spec.refuse("cleanupPolicy", "is not supported; write `spec.leaseDuration`")
    let host = spec.string("host", "write the server's name or address")
      .flatMap { spec.isShort($0, "host", 255) && spec.hasNoNUL($0, "host") ? $0.value : nil }
    let database = spec.roleName("database", default: "postgres")
    let port = spec.integer("port", in: 1...65_535, default: 5_432, isTextAllowed: true)
    let auth = spec.mapping(
      "auth", fields: ["username", "password"], "give the login that may create roles: `auth: {username: ...}`")
    let username = auth.flatMap { auth in
      auth.string("username", "name the role that logs in").flatMap { auth.checkedRole($0, auth.name("username")) }
    }
    let password = auth.flatMap { context.selector("password", of: $0) }
    var user: User? = User(username: Self.defaultUsername)
    if let entry = spec.optional("user") {
      user = spec.mapping(entry, fields: User.fields).flatMap { User($0, defaultName: Self.defaultUsername) }
    }
    let mode: SSLMode? = spec.choice("sslMode", default: .prefer)
    let bundle = Self.bundle(spec, mode: mode)
    guard let host, let database, let port, let username, let password, let user, let mode, let bundle else {
      return nil
    }
    self.init(
      database: database, host: host, port: UInt16(port), username: username, password: password, user: user,
      sslMode: mode, caBundle: bundle.pem)
  }

  /// The bundle, which may be absent; nil when it was reported.
  private static func bundle(_ spec: MappingReader, mode: SSLMode?) -> (pem: [UInt8]?, Void)? {
    guard let entry = spec.optional("caBundle") else { return (nil, ()) }
    let name = spec.name("caBundle")
    guard let text = spec.string(entry.value, name, emptyAdvice: "remove it, or give the server's CA"),
      let pem = spec.checked(text, name, by: { CABundle.decode($0, takesPEM: true) })
    else { return nil }
    if let mode, ![.verifyCA, .verifyFull].contains(mode) {
      spec.report.warning(
        entry.keyLine,
        "`spec.caBundle` has no effect with `sslMode: \(mode.rawValue)`; write `sslMode: verify-full`")
    }
    return (pem, ())
  }
}

extension PostgreSqlSpec.User {
  fileprivate static let fields = [
    "username", "suffixSize", "attributes", "roles", "destructiveCleanup", "reassignTo",
  ]

  fileprivate init?(_ user: MappingReader, defaultName: String) {
    let username = user.roleName("username", default: defaultName)
    let suffixSize = user.integer("suffixSize", in: 0...32, default: 8)
    let attributes = PostgreSqlSpec.Attribute.list(user)
    let roles = Self.roles(user)
    let destructive = user.boolean("destructiveCleanup", default: false)
    let heir = user.optional("reassignTo").flatMap { entry in
      user.string(entry.value, user.name("reassignTo"), emptyAdvice: "name a role, or remove it")
        .flatMap { user.checkedRole($0, user.name("reassignTo")) }
    }
    guard let username, let suffixSize, let attributes, let roles, let destructive else { return nil }
    let line = user.optional("username")?.value.line ?? user.line
    guard !username.utf8.starts(with: "pg_".utf8) else {
      user.report.error(
        line, "\(user.name("username")) begins with `pg_`, which PostgreSQL keeps for itself; rename it")
      return nil
    }
    guard username.utf8.count + (suffixSize > 0 ? 1 + suffixSize : 0) <= PostgreSqlSpec.maximumRoleName else {
      user.report.error(
        line,
        "\(user.name("username")) with `_` and a suffix of \(suffixSize) is longer than "
          + "\(PostgreSqlSpec.maximumRoleName) bytes, the longest role name; shorten it, or lower `suffixSize`")
      return nil
    }
    if destructive, heir != nil {
      user.report.warning(
        user.optional("reassignTo")?.keyLine ?? user.line,
        "\(user.name("reassignTo")) has no effect where `destructiveCleanup` drops what the role owns; remove one of them"
      )
    }
    self.init(
      username: username, suffixSize: suffixSize, attributes: attributes, roles: roles,
      destructiveCleanup: destructive, reassignTo: heir)
  }

  private static func roles(_ user: MappingReader) -> [String]? {
    guard let items = user.items("roles") else { return nil }
    guard items.count <= 100 else {
      user.report.error(user.line, "\(user.name("roles")) has more than 100 entries; make one role that is in them all")
      return nil
    }
    var roles: [String] = []
    var seen: Set<[UInt8]> = []
    for item in items {
      guard
        let text = user.string(item.node, item.name, emptyAdvice: "name a role, or remove it"),
        let role = user.checkedRole(text, item.name)
      else { return nil }
      guard seen.insert(Array(role.utf8)).inserted else {
        user.report.error(text.line, "\(item.name) names \(quoted(role)) a second time; remove it")
        return nil
      }
      roles.append(role)
    }
    return roles
  }
}

extension PostgreSqlSpec {
  /// The longest role name, in bytes: PostgreSQL would cut a longer one, and then another role is meant.
  fileprivate static let maximumRoleName = 63
}

extension MappingReader {
  fileprivate func roleName(_ field: String, default fallback: String) -> String? {
    guard let entry = optional(field) else { return fallback }
    return string(entry.value, name(field), emptyAdvice: "remove it for \(quoted(fallback))")
      .flatMap { checkedRole($0, name(field)) }
  }

  /// `text` when PostgreSQL takes it for a name in full.
  fileprivate func checkedRole(_ text: Located<String>, _ name: String) -> String? {
    guard text.value.utf8.count <= PostgreSqlSpec.maximumRoleName, !text.value.utf8.contains(0) else {
      report.error(
        text.line, "\(name) must have at most \(PostgreSqlSpec.maximumRoleName) bytes, and no NUL among them")
      return nil
    }
    return text.value
  }

  fileprivate func hasNoNUL(_ text: Located<String>, _ field: String) -> Bool {
    guard text.value.utf8.contains(0) else { return true }
    report.error(text.line, "\(name(field)) holds a NUL character; remove it")
    return false
  }
}
