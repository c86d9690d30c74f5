/// Names of files that stand beside the secrets' files for a moment: `.esi-` and a random number in hexadecimal.
struct TemporaryName {
  private static let prefix = ".esi-"
  private static let keptSuffix = "-old"

  /// The new content, until it is in place.
  let staged: String
  /// The old content, until every file of the same refresh is in place.
  let kept: String

  /// A name that nothing has.
  init() {
    staged = Self.prefix + String(UInt64.random(in: .min ... .max), radix: 16)
    kept = staged + Self.keptSuffix
  }

  /// Whether this program gives such names.
  static func matches(_ name: String) -> Bool {
    guard name.hasPrefix(prefix) else { return false }
    var number = name.dropFirst(prefix.count)
    if number.hasSuffix(keptSuffix) { number = number.dropLast(keptSuffix.count) }
    return (1...16).contains(number.utf8.count)
      && number.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
