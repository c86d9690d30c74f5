/// What a match is replaced by, in Go's `Expand` syntax.
struct ReplacementTarget {
  enum Part: Equatable {
    case text([Unicode.Scalar])
    /// A group's name or number.
    case group(String)
  }

  private(set) var parts: [Part] = []

  init(_ target: String) {
    var rest = Array(target.unicodeScalars)[...]
    var text: [Unicode.Scalar] = []
    while let scalar = rest.popFirst() {
      guard scalar == "$" else {
        text.append(scalar)
        continue
      }
      if rest.first == "$" {
        rest.removeFirst()
        text.append("$")
        continue
      }
      guard let name = Self.name(&rest) else {
        // A dollar that names nothing stands for itself.
        text.append("$")
        continue
      }
      if !text.isEmpty { parts.append(.text(text)) }
      text = []
      parts.append(.group(name))
    }
    if !text.isEmpty { parts.append(.text(text)) }
  }

  private static func name(_ rest: inout ArraySlice<Unicode.Scalar>) -> String? {
    let isBraced = rest.first == "{"
    let name = rest.dropFirst(isBraced ? 1 : 0).prefix { scalar in
      scalar == "_" || scalar.properties.isAlphabetic && scalar.properties.generalCategory.abbreviation.hasPrefix("L")
        || scalar.properties.generalCategory == .decimalNumber
    }
    guard !name.isEmpty else { return nil }
    if isBraced {
      guard rest[name.endIndex...].first == "}" else { return nil }
    }
    rest = rest[(name.endIndex + (isBraced ? 1 : 0))...]
    return String(String.UnicodeScalarView(name))
  }
}
