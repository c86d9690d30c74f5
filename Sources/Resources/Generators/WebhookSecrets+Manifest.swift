import YAML

extension WebhookSpec.TemplateSecret {
  /// Reads `secrets` of a webhook; nil when something was reported.
  static func list(_ spec: MappingReader, _ context: inout GeneratorContext) -> [Self]? {
    guard let items = spec.items("secrets") else { return nil }
    guard items.count <= 64 else {
      spec.report.error(spec.line, "`spec.secrets` has more than 64 entries; remove those that no template uses")
      return nil
    }
    var secrets: [Self] = []
    var seen: Set<String> = []
    for item in items {
      guard
        let reader = MappingReader(
          item.node, path: item.path, line: item.node.line, fields: ["name", "secretRef"], report: spec.report),
        let secret = Self(reader, &context)
      else { return nil }
      guard seen.insert(secret.name).inserted else {
        spec.report.error(item.node.line, "\(item.name) has the name \(quoted(secret.name)) a second time; rename it")
        return nil
      }
      secrets.append(secret)
    }
    return secrets
  }

  private init?(_ item: MappingReader, _ context: inout GeneratorContext) {
    let name = item.string("name", "write the name that templates use")
    let advice = "name the Secret: `secretRef: {name: example}`"
    guard let name, let reference = item.mapping("secretRef", fields: ["name", "key", "namespace"], advice) else {
      return nil
    }
    guard WebhookTemplate.Reference.isName(name.value) else {
      item.report.error(
        name.line,
        "\(item.name("name")) \(quoted(name.value)) is no name that a template can use; use letters, digits and `_`, "
          + "and begin with a letter")
      return nil
    }
    guard let secret = context.secretName(reference) else { return nil }
    var key: String?
    if let entry = reference.optional("key") {
      key = reference.string(entry.value, reference.name("key"), emptyAdvice: "remove it for every key")
        .flatMap { context.dataKey($0, "key", of: reference) }
      guard key != nil else { return nil }
    }
    context.note(secret, entry: key, item.report)
    self.init(name: name.value, namespace: context.namespace, secret: secret.value, key: key)
  }
}

extension WebhookSpec.Trust {
  /// The trust of a webhook, which may be absent; nil when something was reported.
  static func read(_ spec: MappingReader, _ context: inout GeneratorContext) -> (value: Self?, Void)? {
    let bundle = spec.optional("caBundle")
    let provider = spec.optional("caProvider")
    if let bundle, provider != nil {
      spec.report.error(bundle.keyLine, "`spec.caBundle` and `spec.caProvider` exclude each other; remove one of them")
      return nil
    }
    if let bundle {
      guard
        let text = spec.string(
          bundle.value, spec.name("caBundle"), emptyAdvice: "remove it, or give the server's CA"),
        let pem = spec.checked(text, spec.name("caBundle"), by: { CABundle.decode($0) })
      else { return nil }
      return (.bundle(pem), ())
    }
    guard let provider else { return (nil, ()) }
    guard let reader = spec.mapping(provider, fields: ["type", "name", "key", "namespace"]) else { return nil }
    guard let type = reader.string("type", "write `type: Secret`") else { return nil }
    guard type.value == "Secret" else {
      spec.report.error(
        type.line,
        "\(reader.name("type")) \(quoted(type.value)) is not served; put the certificates into a Secret and write "
          + "`type: Secret`, or into `spec.caBundle`")
      return nil
    }
    return context.selector(reader).map { (.secret($0), ()) }
  }
}

extension MappingReader {
  /// The template in `text`, whose references are noted; nil when something was reported.
  func template(
    _ text: Located<String>, _ name: String, _ secrets: [WebhookSpec.TemplateSecret]?, _ context: inout GeneratorContext
  ) -> WebhookTemplate? {
    guard let template = parsed(text, name, WebhookTemplate.init(parsing:)) else { return nil }
    guard let secrets else { return template }
    for reference in template.references {
      guard let secret = secrets.first(where: { $0.name == reference.secret }) else {
        let advice = Suggestion.advice(
          for: reference.secret, among: secrets.map(\.name), otherwise: "; list it in `spec.secrets`")
        report.error(
          text.line, "\(name) refers to \(quoted(reference.secret)), which no entry of `secrets` names\(advice)")
        return nil
      }
      guard secret.key == nil || secret.key == reference.key else {
        report.error(
          text.line,
          "\(name) refers to the key \(quoted(reference.key)), and `spec.secrets` gives \(quoted(secret.name)) another "
            + "one alone; remove `secretRef.key` there, or name that key")
        return nil
      }
      context.note(Located(secret.secret, line: text.line), entry: reference.key, report)
    }
    return template
  }

  /// What `parse` makes of `text`; its fault is reported after `name`.
  func parsed<Value>(
    _ text: Located<String>, _ name: String, _ parse: (String) throws(FieldFault) -> Value
  ) -> Value? {
    do throws(FieldFault) {
      return try parse(text.value)
    } catch {
      report.error(text.line, "\(name) \(error.text)")
      return nil
    }
  }
}
