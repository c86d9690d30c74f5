import YAML

extension BasicAuthSpec {
  static let fields = ["username", "password"]

  /// Reads `spec`; nil when something in it was reported.
  init?(_ spec: MappingReader) {
    var username: Username? = Username()
    if let entry = spec.optional("username") {
      username = spec.mapping(entry, fields: Username.fields).flatMap(Username.init)
    }
    var password: PasswordSpec? = PasswordSpec()
    if let entry = spec.optional("password") {
      password = spec.mapping(entry, fields: PasswordSpec.fields).flatMap(PasswordSpec.init)
    }
    guard let username, let password else { return nil }
    self.init(username: username, password: password)
  }
}

extension BasicAuthSpec.Username {
  fileprivate static let fields = [
    "length", "prefix", "sufix", "suffix", "wordCount", "separator", "includeNumbers",
  ]

  fileprivate init?(_ username: MappingReader) {
    username.refuse("suffix", "is written `sufix`, as the generator's documentation spells it; rename it")
    let length = username.integer("length", in: 1...64, default: 8)
    let words = username.integer("wordCount", in: 1...16, default: 1)
    let prefix = Self.part("prefix", of: username, default: "", maximum: 64)
    let suffix = Self.part("sufix", of: username, default: "", maximum: 64)
    let separator = Self.part("separator", of: username, default: "_", maximum: 16)
    let includeNumbers = username.boolean("includeNumbers", default: false)
    guard let length, let words, let prefix, let suffix, let separator, let includeNumbers else { return nil }
    self.init(
      length: length, prefix: prefix, suffix: suffix, wordCount: words, separator: separator,
      includeNumbers: includeNumbers)
  }

  private static func part(
    _ field: String, of username: MappingReader, default fallback: String, maximum: Int
  ) -> String? {
    guard let text = username.line(field, default: fallback, maximum: maximum) else { return nil }
    // RFC 7617 section 2: the first colon ends the name.
    guard !text.utf8.contains(UInt8(ascii: ":")) else {
      username.report.error(
        username.optional(field)?.value.line ?? username.line,
        "\(username.name(field)) holds a `:`, where the name would end in HTTP Basic authentication; remove it")
      return nil
    }
    return text
  }
}
