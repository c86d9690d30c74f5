import YAML

extension WebhookSpec.TemplateSecret {
  /// Reads `secrets` of a webhook; nil when something was reported.
  static func list(_ spec: MappingReader, _ context: inout SecretContext) -> [Self]? {
    guard let items = spec.items("secrets") else { return nil }
    guard items.count <= 64 else {
      spec.report.error(
        spec.line, "\(spec.name("secrets")) has more than 64 entries; remove those that no template uses")
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

  private init?(_ item: MappingReader, _ context: inout SecretContext) {
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
    guard context.ownNamespace != nil || name.value != WebhookTemplate.Reference.remote else {
      item.report.error(
        name.line, "\(item.name("name")) is the name of what callers ask for, `{{ .remoteRef.key }}`; rename it")
      return nil
    }
    guard let secret = context.secretName(reference), let namespace = context.namespace(in: reference) else {
      return nil
    }
    var key: String?
    if let entry = reference.optional("key") {
      key = reference.string(entry.value, reference.name("key"), emptyAdvice: "remove it for every key")
        .flatMap { context.dataKey($0, "key", of: reference) }
      guard key != nil else { return nil }
    }
    context.note(secret, in: namespace, entry: key, item.report)
    self.init(name: name.value, namespace: namespace, secret: secret.value, key: key)
  }
}

extension MappingReader {
  /// The template in `text`, whose references are noted; nil when something was reported.
  func template(
    _ text: Located<String>, _ name: String, _ secrets: [WebhookSpec.TemplateSecret]?, _ context: inout SecretContext
  ) -> WebhookTemplate? {
    guard let template = parsed(text, name, WebhookTemplate.init(parsing:)) else { return nil }
    guard let secrets else { return template }
    for reference in template.references {
      if reference.isRemote, context.ownNamespace == nil {
        if reference.key == "key" || reference.key == "version" { continue }
        report.error(
          text.line,
          "\(name) refers to \(quoted("remoteRef.\(reference.key)")), and has `remoteRef.key` and `remoteRef.version` only; "
            + "this server looks properties up itself")
        return nil
      }
      guard let secret = secrets.first(where: { $0.name == reference.secret }) else {
        let advice = Suggestion.advice(
          for: reference.secret, among: secrets.map(\.name), otherwise: "; list it in \(self.name("secrets"))")
        report.error(
          text.line, "\(name) refers to \(quoted(reference.secret)), which no entry of `secrets` names\(advice)")
        return nil
      }
      guard secret.key == nil || secret.key == reference.key else {
        report.error(
          text.line,
          "\(name) refers to the key \(quoted(reference.key)), and \(self.name("secrets")) gives \(quoted(secret.name)) another "
            + "one alone; remove `secretRef.key` there, or name that key")
        return nil
      }
      context.note(Located(secret.secret, line: text.line), in: secret.namespace, entry: reference.key, report)
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
