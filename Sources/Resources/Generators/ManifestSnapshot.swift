import YAML

/// Writes what was read of a manifest as one line of JSON that YAML reads back as the same.
///
/// Not the JSON module's writer: that of a snapshot escapes all that YAML 1.1 does not take within quotes as it stands
/// (U+0085 is a line break there, U+FEFF and U+007F are no characters), and tells numbers by their digits.
enum ManifestSnapshot {
  /// The whole manifest.
  static func text(kind: GeneratorKind, name: ManifestName, spec: YAMLNode) -> String {
    let metadata = mapping(["name": string(name.name), "namespace": string(name.namespace)])
    var output: [UInt8] = []
    write(
      mapping([
        "apiVersion": string(GeneratorKind.apiVersion), "kind": string(kind.rawValue), "metadata": metadata,
        "spec": spec,
      ]), to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// A part of a manifest.
  static func json(_ node: YAMLNode) -> [UInt8] {
    var output: [UInt8] = []
    write(node, to: &output)
    return output
  }

  /// What a change of is a change of the object: `spec`, labels and annotations.
  static func json(_ spec: YAMLNode, _ labels: [String: String], _ annotations: [String: String]) -> [UInt8] {
    json(
      mapping([
        "spec": spec, "labels": mapping(labels.mapValues(string)),
        "annotations": mapping(annotations.mapValues(string)),
      ]))
  }

  private static func string(_ text: String) -> YAMLNode { YAMLNode(.scalar(text, isPlain: false), line: 0) }

  private static func mapping(_ members: [String: YAMLNode]) -> YAMLNode {
    YAMLNode(.mapping(members.map { YAMLEntry(key: $0.key, keyLine: 0, value: $0.value) }), line: 0)
  }

  private static func write(_ node: YAMLNode, to output: inout [UInt8]) {
    switch node.content {
    case .scalar(let text, _): write(text, as: node.type, to: &output)
    case .sequence(let items):
      output.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        write(item, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .mapping(let entries):
      output.append(UInt8(ascii: "{"))
      let sorted = entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, entry) in sorted.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        write(quoting: entry.key, to: &output)
        output.append(UInt8(ascii: ":"))
        write(entry.value, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, as type: YAMLType, to output: inout [UInt8]) {
    switch type {
    case .null: output += "null".utf8
    case .boolean: output += (YAMLNode.isTrue(text) ? "true" : "false").utf8
    // Only decimal digits are read as a number; where any other spelling stands, the manifest was refused.
    case .integer: output += text.utf8
    default: write(quoting: text, to: &output)
    }
  }

  private static func write(quoting text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\"".utf8
      case "\\": output += "\\\\".utf8
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
        let digits = String(scalar.value, radix: 16)
        output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      default: output += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}

extension YAMLNode {
  /// Replaces each value of a mapping's field `data` by an empty string.
  mutating func emptyData() {
    guard case .mapping(var entries) = content, let index = entries.firstIndex(where: { $0.key == "data" }),
      case .mapping(var values) = entries[index].value.content
    else { return }
    for value in values.indices { values[value].value.content = .scalar("", isPlain: false) }
    entries[index].value.content = .mapping(values)
    content = .mapping(entries)
  }
}
