import YAML

extension WebhookSpec {
  static let fields = [
    "method", "url", "headers", "body", "timeout", "result", "secrets", "caBundle", "caProvider",
  ]
  private static let maximumHeaders = 64
  private static let maximumHeaderValue = 8_192
  private static let maximumBody = 65_536

  private enum Method: String, CaseIterable { case GET, POST, PUT, PATCH, DELETE }

  /// Reads `spec`; nil when something in it was reported.
  init?(_ spec: MappingReader, _ context: inout SecretContext) {
    let method: Method? = spec.choice("method", default: .GET)
    let secrets = TemplateSecret.list(spec, &context)
    let url = spec.string("url", "write the URL, for example `url: https://hooks.example.org/credentials`")
      .flatMap { Self.url($0, spec, secrets, &context) }
    let headers = Self.headers(spec, secrets, &context)
    var body: WebhookTemplate?
    if let entry = spec.optional("body") {
      guard let text = spec.text(entry.value, spec.name("body")), spec.isShort(text, "body", Self.maximumBody),
        let template = spec.template(text, spec.name("body"), secrets, &context)
      else { return nil }
      body = template
    }
    let timeout = spec.duration("timeout", in: 0.001...60, "between `1ms` and `60s`")?.value
    let path = Self.resultPath(spec)
    let trust = TLSTrust.read(spec, &context)
    guard let method, let secrets, let url, let headers, let path, let trust else { return nil }
    self.init(
      method: method.rawValue, url: url, headers: headers, body: body, timeoutSeconds: timeout ?? 10, resultPath: path,
      secrets: secrets, trust: trust.value)
  }

  private static func url(
    _ text: Located<String>, _ spec: MappingReader, _ secrets: [TemplateSecret]?, _ context: inout SecretContext
  ) -> WebhookTemplate? {
    guard spec.isShort(text, "url", WebhookURL.maximumByteCount),
      let template = spec.template(text, spec.name("url"), secrets, &context)
    else { return nil }
    if template.isSingleReference, template.references.first?.isRemote != true { return template }
    // What stands in for the values must not decide where the request goes.
    let start = if case .text(let start) = template.parts.first { start } else { "" }
    let authority = start.utf8.starts(with: "https://".utf8) ? start.dropFirst(8) : start.dropFirst(7)
    guard template.references.isEmpty || authority.utf8.contains(where: { "/?#".utf8.contains($0) }) else {
      spec.report.error(
        text.line,
        "\(spec.name("url")) may have a template behind the host, or be one as a whole; write the scheme and the host out"
      )
      return nil
    }
    let sample = template.parts.map { if case .text(let text) = $0 { text } else { "x" } }.joined()
    return spec.checked(Located(sample, line: text.line), spec.name("url"), by: WebhookURL.check).map { _ in template }
  }

  private static func headers(
    _ spec: MappingReader, _ secrets: [TemplateSecret]?, _ context: inout SecretContext
  ) -> [Header]? {
    guard let entry = spec.optional("headers") else { return [] }
    guard case .mapping(let entries) = entry.value.content, entries.count <= maximumHeaders else {
      spec.report.error(
        entry.value.line,
        "\(spec.name("headers")) must be a mapping of at most \(maximumHeaders) names to values, "
          + "for example `headers: {Accept: application/json}`")
      return nil
    }
    var headers: [Header] = []
    var seen: Set<String> = []
    for entry in entries {
      let name = quoted("\(spec.path.text).headers.\(entry.key)")
      guard isHeaderName(entry.key) else {
        spec.report.error(entry.keyLine, "\(name) is no header's name, or one that this server writes itself")
        return nil
      }
      guard seen.insert(entry.key.lowercased()).inserted else {
        spec.report.error(entry.keyLine, "\(name) is given twice, in other letters; remove one of them")
        return nil
      }
      guard let text = spec.text(entry.value, name) else { return nil }
      guard text.value.utf8.count <= maximumHeaderValue else {
        spec.report.error(text.line, "\(name) is longer than \(maximumHeaderValue) bytes; shorten it")
        return nil
      }
      guard let value = spec.template(text, name, secrets, &context) else { return nil }
      let isOneLine = value.parts.allSatisfy { part in
        if case .text(let text) = part { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } } else { true }
      }
      guard isOneLine else {
        spec.report.error(text.line, "\(name) holds a line break or control character; remove it")
        return nil
      }
      headers.append(Header(name: entry.key, value: value))
    }
    return headers
  }

  /// RFC 9110 section 5.6.2, less what belongs to the connection and to the body's framing.
  private static func isHeaderName(_ name: String) -> Bool {
    let own = ["connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade"]
    return (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy { KubernetesName.isAlphanumeric($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
      && !own.contains(name.lowercased())
  }

  /// `result.jsonPath`, which may be absent; nil when something was reported.
  private static func resultPath(_ spec: MappingReader) -> WebhookResultPath?? {
    guard let entry = spec.optional("result") else { return .some(nil) }
    guard let result = spec.mapping(entry, fields: ["jsonPath"]) else { return nil }
    guard let path = result.optional("jsonPath") else { return .some(nil) }
    return result.string(path.value, result.name("jsonPath"), emptyAdvice: "remove it, or write `$`")
      .flatMap { result.parsed($0, result.name("jsonPath"), WebhookResultPath.init(parsing:)) }
  }
}

extension WebhookTemplate {
  /// Whether it is one reference and nothing else.
  public var isSingleReference: Bool {
    if case .reference = parts.first { parts.count == 1 } else { false }
  }
}
