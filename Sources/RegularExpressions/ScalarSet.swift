/// Which Unicode scalars one place of a pattern takes.
struct ScalarSet: Equatable, Sendable {
  enum Item: Equatable, Sendable {
    case range(UInt32, UInt32)
    /// `\p{…}` by the first or both letters of a general category.
    case category(String, isNegated: Bool)
    /// A class inside of a class, such as `\D` in `[\D_]`.
    indirect case set(ScalarSet)
  }

  var items: [Item] = []
  var isNegated = false
  /// Whether upper and lower case are the same: `(?i)`.
  var foldsCase = false

  static func ranges(_ ranges: [(Character, Character)], isNegated: Bool = false) -> ScalarSet {
    ScalarSet(
      items: ranges.map { .range($0.unicodeScalars.first?.value ?? 0, $1.unicodeScalars.first?.value ?? 0) },
      isNegated: isNegated)
  }

  /// `\d`, `\w` and `\s` are of ASCII only, as RE2 has them.
  static let digits = ranges([("0", "9")])
  static let words = ranges([("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")])
  static let spaces = ranges([("\t", "\n"), ("\u{C}", "\r"), (" ", " ")])

  /// `[:alpha:]` and its like, nil for an unknown name.
  static func posix(_ name: String) -> ScalarSet? {
    switch name {
    case "alnum": ranges([("0", "9"), ("A", "Z"), ("a", "z")])
    case "alpha": ranges([("A", "Z"), ("a", "z")])
    case "ascii": ranges([("\0", "\u{7F}")])
    case "blank": ranges([("\t", "\t"), (" ", " ")])
    case "cntrl": ranges([("\0", "\u{1F}"), ("\u{7F}", "\u{7F}")])
    case "digit": digits
    case "graph": ranges([("!", "~")])
    case "lower": ranges([("a", "z")])
    case "print": ranges([(" ", "~")])
    case "punct": ranges([("!", "/"), (":", "@"), ("[", "`"), ("{", "~")])
    case "space": ranges([("\t", "\u{D}"), (" ", " ")])
    case "upper": ranges([("A", "Z")])
    case "word": words
    case "xdigit": ranges([("0", "9"), ("A", "F"), ("a", "f")])
    default: nil
    }
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    var isIn = holds(scalar)
    if foldsCase, !isIn {
      isIn = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].contains { mapping in
        let scalars = mapping.unicodeScalars
        guard let other = scalars.first, scalars.count == 1 else { return false }
        return holds(other)
      }
    }
    return isIn != isNegated
  }

  private func holds(_ scalar: Unicode.Scalar) -> Bool {
    items.contains { item in
      switch item {
      case .range(let first, let last): first <= scalar.value && scalar.value <= last
      case .category(let name, let isNegated):
        scalar.properties.generalCategory.abbreviation.hasPrefix(name) != isNegated
      case .set(let set): set.contains(scalar)
      }
    }
  }
}

extension Unicode.GeneralCategory {
  /// As RE2 names it, for example `Lu`.
  var abbreviation: String {
    switch self {
    case .uppercaseLetter: "Lu"
    case .lowercaseLetter: "Ll"
    case .titlecaseLetter: "Lt"
    case .modifierLetter: "Lm"
    case .otherLetter: "Lo"
    case .nonspacingMark: "Mn"
    case .spacingMark: "Mc"
    case .enclosingMark: "Me"
    case .decimalNumber: "Nd"
    case .letterNumber: "Nl"
    case .otherNumber: "No"
    case .connectorPunctuation: "Pc"
    case .dashPunctuation: "Pd"
    case .openPunctuation: "Ps"
    case .closePunctuation: "Pe"
    case .initialPunctuation: "Pi"
    case .finalPunctuation: "Pf"
    case .otherPunctuation: "Po"
    case .mathSymbol: "Sm"
    case .currencySymbol: "Sc"
    case .modifierSymbol: "Sk"
    case .otherSymbol: "So"
    case .spaceSeparator: "Zs"
    case .lineSeparator: "Zl"
    case .paragraphSeparator: "Zp"
    case .control: "Cc"
    case .format: "Cf"
    case .surrogate: "Cs"
    case .privateUse: "Co"
    // RE2 has no category for what is not assigned.
    case .unassigned: "-"
    @unknown default: "-"
    }
  }

  /// Every name that `\p{…}` may give.
  static let abbreviations: Set<String> = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi",
    "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co",
  ]
}
