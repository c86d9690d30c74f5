import FederationAPI

/// Writes several secrets as one document: a mapping of key to string, keys in byte order.
///
/// Keys and values are always double-quoted with the escapes that JSON (RFC 8259 section 7) and YAML 1.1 and 1.2
/// read alike, so that no value is taken for a number, a boolean or an anchor.
public enum SecretDocument {
  /// How a document is written.
  public enum Format: Sendable {
    /// One `"key": "value"` line for each key.
    case yaml
    /// One JSON object.
    case json

    /// JSON when `path` ends in `.json`, else YAML.
    public init(path: String) { self = path.hasSuffix(".json") ? .json : .yaml }
  }

  /// The document's bytes. A value that is not UTF-8 has no place in either format and is an error.
  public static func bytes(_ values: [String: SecretBytes], format: Format) throws(InjectionError) -> [UInt8] {
    var members: [String] = []
    for key in values.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      guard let text = values[key]?.text else {
        // A generator's keys are its server's choice.
        let key = PrintableText.of(key)
        throw InjectionError(
          "the value of \"\(key)\" is not UTF-8 and cannot stand in a YAML or JSON file: "
            + "inject it alone with --inject-on-file /path=secretName.\(key)")
      }
      let name = quoted(key)
      // YAML 1.2 section 7.4: a key written without "?" has at most 1,024 characters.
      let isLong = format == .yaml && name.unicodeScalars.count > 1_000
      members.append(isLong ? "? \(name)\n: \(quoted(text))" : "\(name): \(quoted(text))")
    }
    switch format {
    case .yaml: return Array((members.joined(separator: "\n") + "\n").utf8)
    case .json: return Array(("{" + members.joined(separator: ", ") + "}\n").utf8)
    }
  }

  /// `text` in double quotes, as JSON and YAML read it alike.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where needsEscape(scalar):
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// What YAML calls not printable or a line break; all of it is below U+10000.
  private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
    default: false
    }
  }
}
