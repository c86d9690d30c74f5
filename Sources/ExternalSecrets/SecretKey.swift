/// What a Secret's key may be, and how other names become one.
public enum SecretKey {
  /// The rule, for errors.
  public static let rule = "must be a key of 1 to 253 letters, digits, '-', '_' and '.'"

  /// Whether Kubernetes takes `key` in a Secret's `data`.
  public static func isValid(_ key: String) -> Bool {
    (1...253).contains(key.utf8.count)
      && key.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  /// `name` with what is neither a letter nor a digit, `-`, `_` or `.` replaced. Letters are those of every script, as ESO
  /// has it, so that the result need not be valid.
  public static func converted(_ name: String, _ strategy: ConversionStrategy) -> String {
    var result = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      if isKept(scalar) {
        result.append(scalar)
        continue
      }
      switch strategy {
      case .default: result.append("_")
      case .unicode:
        let digits = String(scalar.value, radix: 16)
        let padding = String(repeating: "0", count: max(0, 4 - digits.count))
        result.append(contentsOf: "_U\(padding)\(digits)_".unicodeScalars)
      }
    }
    return String(result)
  }

  private static func isKept(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber:
      true
    default: scalar == "-" || scalar == "_" || scalar == "."
    }
  }
}
