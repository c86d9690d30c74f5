import YAML

/// One mapping of a manifest, read field by field against its schema.
///
/// Each function reports what is wrong and returns nil, so that one pass finds every fault of a manifest. Names and
/// advice are put together only for a report: tens of thousands of good manifests pay nothing for them.
struct MappingReader {
  let entries: [YAMLEntry]
  /// Where the mapping stands, for messages.
  let path: FieldPath
  /// Where a missing field is reported: the line of the key that holds the mapping, or of the list's item.
  let line: Int
  let report: ManifestReport
  /// Fields that an unknown one was probably meant to be: they are not reported missing as well.
  private let misspelt: [String]

  /// Whether every field is known, or unlike any known one.
  var hasNoMisspeltField: Bool { misspelt.isEmpty }

  /// Reads `node`, all of whose fields must be among `fields`; nil when it is no mapping.
  init?(_ node: YAMLNode, path: FieldPath, line: Int, fields: [String], report: ManifestReport) {
    guard case .mapping(let entries) = node.content else {
      let advice =
        fields.isEmpty ? "write \(quoted("\(path.text): {}"))" : "it has the fields \(Suggestion.list(fields))"
      report.error(
        node.type == .null ? line : node.line,
        node.type == .null
          ? "\(path.name) is empty; \(advice)"
          : "\(path.isManifest ? "a manifest" : path.name) must be a mapping, not \(node.type.phrase); \(advice)")
      return nil
    }
    var misspelt: [String] = []
    for index in entries.indices where !fields.contains(entries[index].key) {
      let entry = entries[index]
      let near = report.isFull ? nil : Suggestion.nearest(to: entry.key, among: fields)
      report.error(
        entry.keyLine, "unknown field \(path.appending(entry.key).name)\(Self.advice(near, among: fields))")
      if let near { misspelt.append(near) }
    }
    self.entries = entries
    self.path = path
    self.line = line
    self.report = report
    self.misspelt = misspelt
  }

  private static func advice(_ near: String?, among fields: [String]) -> String {
    if let near { return "; did you mean \(quoted(near))?" }
    return fields.isEmpty ? "; remove it" : "; the fields here are \(Suggestion.list(fields))"
  }

  /// The entry named `field`; nil when it is absent or null, which Kubernetes takes as absent.
  func optional(_ field: String) -> YAMLEntry? {
    guard let index = index(of: field), entries[index].value.type != .null else { return nil }
    return entries[index]
  }

  /// The entry named `field`, which must be there; `advice` says what to write.
  func required(_ field: String, _ advice: @autoclosure () -> String) -> YAMLEntry? {
    guard let index = index(of: field) else {
      if !misspelt.contains(field) { report.error(line, "\(name(field)) is missing; \(advice())") }
      return nil
    }
    guard entries[index].value.type != .null else {
      report.error(entries[index].keyLine, "\(name(field)) is empty; \(advice())")
      return nil
    }
    return entries[index]
  }

  /// Where `field` is; entries are looked at in place, as to copy one costs more than to find it.
  private func index(of field: String) -> Int? {
    for index in entries.indices where entries[index].key == field { return index }
    return nil
  }

  /// The non-empty text of `field`, which must be there.
  func string(_ field: String, _ advice: @autoclosure () -> String) -> Located<String>? {
    if let index = index(of: field), case .scalar(let text, _) = entries[index].value.content, !text.isEmpty,
      entries[index].value.type == .string
    {
      return Located(text, line: entries[index].value.line)
    }
    // Whatever is wrong is found and reported step by step.
    return required(field, advice()).flatMap { string($0.value, name(field), emptyAdvice: advice()) }
  }

  /// The non-empty text of `node`, which messages call `name`.
  func string(
    _ node: YAMLNode, _ name: @autoclosure () -> String, emptyAdvice: @autoclosure () -> String
  ) -> Located<String>? {
    guard let text = text(node, name()) else { return nil }
    guard !text.value.isEmpty else {
      report.error(node.line, "\(name()) is empty; \(emptyAdvice())")
      return nil
    }
    return text
  }

  /// The text of `node`, possibly empty.
  func text(_ node: YAMLNode, _ name: @autoclosure () -> String) -> Located<String>? {
    if case .scalar(let text, _) = node.content, node.type == .string { return Located(text, line: node.line) }
    let advice =
      switch node.type {
      case .integer, .float, .boolean: "; put it in quotes"
      default: ""
      }
    report.error(node.line, "\(name()) must be a string, not \(node.type.phrase)\(advice)")
    return nil
  }

  /// The items of the list `field`; none when it is absent, nil when it is no list.
  func items(_ field: String) -> ListItems? {
    guard let entry = optional(field) else { return ListItems([], path: path) }
    return items(entry)
  }

  /// The items of the list in `entry`; nil when it is no list.
  func items(_ entry: YAMLEntry) -> ListItems? {
    guard case .sequence(let nodes) = entry.value.content else {
      report.error(
        entry.value.line,
        "\(name(entry.key)) must be a list, not \(entry.value.type.phrase); begin each item with `- `")
      return nil
    }
    return ListItems(nodes, path: path.appending(entry.key))
  }

  /// The mapping in `field`, which must be there.
  func mapping(_ field: String, fields: [String], _ advice: @autoclosure () -> String) -> MappingReader? {
    required(field, advice()).flatMap { mapping($0, fields: fields) }
  }

  /// The mapping in `entry`.
  func mapping(_ entry: YAMLEntry, fields: [String]) -> MappingReader? {
    MappingReader(
      entry.value, path: path.appending(entry.key), line: entry.keyLine, fields: fields, report: report)
  }

  /// The name of an object of the cluster, in `field`.
  func objectName(_ field: String, _ advice: @autoclosure () -> String) -> Located<String>? {
    string(field, advice()).flatMap { checkedName($0, name(field)) }
  }

  /// `text` when it may name a Kubernetes object.
  func checkedName(_ text: Located<String>, _ name: @autoclosure () -> String) -> Located<String>? {
    if KubernetesName.isSubdomain(text.value) { return text }
    report.error(
      text.line,
      "\(name()) \(quoted(text.value)) is no Kubernetes name; use at most 253 lower-case letters, digits, `-` and `.`, "
        + "and begin and end with a letter or digit")
    return nil
  }

  /// `text` when it may name a Kubernetes namespace.
  func checkedNamespace(_ text: Located<String>, _ name: @autoclosure () -> String) -> Located<String>? {
    if KubernetesName.isLabel(text.value) { return text }
    report.error(
      text.line,
      "\(name()) \(quoted(text.value)) is no namespace; use at most 63 lower-case letters, digits and `-`, "
        + "and begin and end with a letter or digit")
    return nil
  }

  /// How messages name `field`.
  func name(_ field: String) -> String { path.appending(field).name }
}

/// A value and the line that it stands on.
struct Located<Value> {
  var value: Value
  var line: Int

  init(_ value: Value, line: Int) {
    self.value = value
    self.line = line
  }
}
