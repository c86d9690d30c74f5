/// Escapes and bracketed classes.
extension PatternParser {
  /// `\d` and its like, or `\p{…}`; nil when the escape is of one scalar.
  mutating func classEscape() throws(RegularExpressionError) -> ScalarSet? {
    guard offset + 1 < scalars.count else { throw .syntax("ends with a backslash") }
    let letter = scalars[offset + 1]
    let set: ScalarSet
    switch letter {
    case "d", "D": set = .digits
    case "w", "W": set = .words
    case "s", "S": set = .spaces
    case "p", "P":
      offset += 2
      return ScalarSet(items: [try category(isNegated: letter == "P")])
    default: return nil
    }
    offset += 2
    guard "DWS".unicodeScalars.contains(letter) else { return set }
    return ScalarSet(items: set.items, isNegated: true)
  }

  private mutating func category(isNegated: Bool) throws(RegularExpressionError) -> ScalarSet.Item {
    var name = ""
    if take("{") {
      name = String(String.UnicodeScalarView(scalars[offset...].prefix { $0 != "}" }))
      offset += name.unicodeScalars.count
      guard take("}") else { throw .syntax("has a \\p{ without its }") }
    } else if let scalar = next {
      name = String(scalar)
      offset += 1
    }
    var isNegated = isNegated
    if name.first == "^" {
      name.removeFirst()
      isNegated.toggle()
    }
    guard Unicode.GeneralCategory.abbreviations.contains(name) else {
      throw .syntax("names a class that is no general category such as \\p{Lu}")
    }
    return .category(name, isNegated: isNegated)
  }

  /// An escape that stands for one scalar.
  mutating func scalarEscape() throws(RegularExpressionError) -> Unicode.Scalar {
    guard offset + 1 < scalars.count else { throw .syntax("ends with a backslash") }
    let letter = scalars[offset + 1]
    offset += 2
    switch letter {
    case "a": return "\u{7}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "v": return "\u{B}"
    case "x": return try hexadecimal()
    case "0"..."9": throw .syntax("has a backreference or an octal escape, \\\(letter)")
    default:
      guard letter.value < 0x80, !ScalarSet.words.contains(letter) else {
        throw .syntax("has an escape that RE2 does not know, \\\(letter)")
      }
      return letter
    }
  }

  private mutating func hexadecimal() throws(RegularExpressionError) -> Unicode.Scalar {
    let digits: String
    if take("{") {
      digits = String(String.UnicodeScalarView(scalars[offset...].prefix { $0 != "}" }))
      offset += digits.unicodeScalars.count
      guard take("}") else { throw .syntax("has a \\x{ without its }") }
    } else {
      digits = String(String.UnicodeScalarView(scalars[offset...].prefix(2)))
      offset += digits.unicodeScalars.count
      guard digits.unicodeScalars.count == 2 else { throw .syntax("has a \\x without two digits") }
    }
    guard digits.utf8.count <= 8, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16),
      let scalar = Unicode.Scalar(value)
    else { throw .syntax("has a \\x that is no character") }
    return scalar
  }

  /// Reads what follows `[`.
  mutating func bracketed() throws(RegularExpressionError) -> ScalarSet {
    var set = ScalarSet(foldsCase: foldsCase)
    set.isNegated = take("^")
    var isFirst = true
    while isFirst || next != "]" {
      isFirst = false
      if try takePOSIX(into: &set) { continue }
      if next == "\\", let inner = try classEscape() {
        set.items.append(.set(inner))
        continue
      }
      let first = try classScalar()
      var last = first
      if next == "-", offset + 1 < scalars.count, scalars[offset + 1] != "]" {
        offset += 1
        last = try classScalar()
      }
      guard first.value <= last.value else { throw .syntax("has a range that ends before it begins") }
      set.items.append(.range(first.value, last.value))
    }
    offset += 1
    return set
  }

  private mutating func classScalar() throws(RegularExpressionError) -> Unicode.Scalar {
    guard let scalar = next else { throw .syntax("has a [ without its ]") }
    if scalar == "\\" {
      guard try classEscape() == nil else { throw .syntax("has a range that ends with a class") }
      return try scalarEscape()
    }
    offset += 1
    return scalar
  }

  private mutating func takePOSIX(into set: inout ScalarSet) throws(RegularExpressionError) -> Bool {
    guard next == "[", offset + 1 < scalars.count, scalars[offset + 1] == ":" else {
      guard next != nil else { throw .syntax("has a [ without its ]") }
      return false
    }
    let text = String(String.UnicodeScalarView(scalars[(offset + 2)...].prefix { $0 != ":" && $0 != "]" }))
    let end = offset + 2 + text.unicodeScalars.count
    guard end + 1 < scalars.count, scalars[end] == ":", scalars[end + 1] == "]" else { return false }
    let isNegated = text.hasPrefix("^")
    guard var inner = ScalarSet.posix(String(isNegated ? text.dropFirst() : text[...])) else {
      throw .syntax("names a class that RE2 does not know, [:…:]")
    }
    inner.isNegated = isNegated
    set.items.append(.set(inner))
    offset = end + 2
    return true
  }
}
