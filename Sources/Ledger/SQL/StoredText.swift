/// How texts stand in the database: as they are, but for NUL, which PostgreSQL cannot store.
///
/// A caller chooses names that end up in the audit trail. Refusing NUL would let it keep its own calls out of the
/// trail, and dropping it would make two names one. So NUL becomes U+FFFF and `0`, and U+FFFF, which is no character
/// and stands in no name that is meant well, becomes U+FFFF and `1`.
enum StoredText {
  static func encoded(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isSpecial) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard isSpecial(scalar) else {
        result.append(scalar)
        continue
      }
      result.append("\u{FFFF}")
      result.append(scalar == "\u{0}" ? "0" : "1")
    }
    return String(result)
  }

  static func decoded(_ text: String) -> String {
    guard text.unicodeScalars.contains("\u{FFFF}") else { return text }
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars.makeIterator()
    while let scalar = rest.next() {
      guard scalar == "\u{FFFF}" else {
        result.append(scalar)
        continue
      }
      result.append(rest.next() == "0" ? "\u{0}" : "\u{FFFF}")
    }
    return String(result)
  }

  private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool { scalar == "\u{0}" || scalar == "\u{FFFF}" }
}
