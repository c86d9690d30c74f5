/// Texts as Go's `%q` writes them.
enum GoQuoting {
  private static let digits = Array("0123456789abcdef".utf8)

  /// `text` in double quotes; what is not printable is escaped, and bytes that are no UTF-8 as `\x..`.
  static func quoted(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x22]
    var rest = text[...]
    while let first = rest.first {
      guard let (scalar, count) = scalar(rest) else {
        result += [0x5C, 0x78, digits[Int(first >> 4)], digits[Int(first & 0xF)]]
        rest = rest.dropFirst()
        continue
      }
      result += escaped(scalar) ?? Array(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    return result + [0x22]
  }

  private static func scalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    guard let first = bytes.first else { return nil }
    let count = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
    guard count > 0, bytes.count >= count, let text = String(validating: bytes.prefix(count), as: UTF8.self),
      let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1
    else { return nil }
    return (scalar, count)
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> [UInt8]? {
    switch scalar {
    case "\"": return Array("\\\"".utf8)
    case "\\": return Array("\\\\".utf8)
    case "\u{7}": return Array("\\a".utf8)
    case "\u{8}": return Array("\\b".utf8)
    case "\u{C}": return Array("\\f".utf8)
    case "\n": return Array("\\n".utf8)
    case "\r": return Array("\\r".utf8)
    case "\t": return Array("\\t".utf8)
    case "\u{B}": return Array("\\v".utf8)
    default: break
    }
    if scalar == " " { return nil }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      let value = scalar.value
      let (letter, width) = value < 0x80 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
      let hex = String(value, radix: 16)
      return Array("\\\(letter)\(String(repeating: "0", count: width - hex.count))\(hex)".utf8)
    default: return nil
    }
  }
}
