/// JSON texts as the documented server's encoder writes them, written down here a second time so that the
/// gateway's own encoder is not checked against itself (docs/PROTOCOL.md, "HTTP/1").
enum GoJSON {
  /// A bare string and the newline that ends every body.
  static func body(_ text: String) -> String { string(text) + "\n" }

  static func string(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "<", ">", "&", "\u{0}"..."\u{1F}", "\u{2028}", "\u{2029}":
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
