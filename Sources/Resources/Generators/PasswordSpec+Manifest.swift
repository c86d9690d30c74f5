import YAML

extension PasswordSpec {
  static let fields = ["length", "digits", "symbols", "symbolCharacters", "noUpper", "allowRepeat", "encoding"]
  private static let maximumLength = 4_096

  /// Reads `spec`, or the `password` of another; nil when something in it was reported.
  init?(_ spec: MappingReader) {
    let length = spec.integer("length", in: 1...Self.maximumLength, default: 24)
    let share = (length ?? 24) / 4
    let digits = spec.integer("digits", in: 0...Self.maximumLength, default: share)
    let symbols = spec.integer("symbols", in: 0...Self.maximumLength, default: share)
    let characters = Self.symbolCharacters(spec)
    let noUpper = spec.boolean("noUpper", default: false)
    let allowRepeat = spec.boolean("allowRepeat", default: false)
    let encoding: Encoding? = spec.choice("encoding", default: .raw)
    guard let length, let digits, let symbols, let characters, let noUpper, let allowRepeat, let encoding else {
      return nil
    }
    self.init(
      length: length, digits: digits, symbols: symbols, symbolCharacters: characters, noUpper: noUpper,
      allowRepeat: allowRepeat, encoding: encoding)
    guard isPossible(spec) else { return nil }
  }

  private static func symbolCharacters(_ spec: MappingReader) -> String? {
    guard let entry = spec.optional("symbolCharacters") else { return defaultSymbolCharacters }
    let name = spec.name("symbolCharacters")
    guard let text = spec.string(entry.value, name, emptyAdvice: "remove it, or write `symbols: 0`") else { return nil }
    let bytes = Array(text.value.utf8)
    guard bytes.allSatisfy({ (0x20...0x7E).contains($0) && !KubernetesName.isAlphanumeric($0) }) else {
      spec.report.error(
        text.line, "\(name) must be printable ASCII characters other than letters and digits, whose counts are exact")
      return nil
    }
    guard Set(bytes).count == bytes.count else {
      spec.report.error(text.line, "\(name) names a character twice, which would make it likelier; remove one of them")
      return nil
    }
    return text.value
  }

  /// Whether there is such a password; reports when not.
  private func isPossible(_ spec: MappingReader) -> Bool {
    guard digits + symbols <= length else {
      spec.report.error(
        spec.line,
        "\(spec.path.name) wants \(digits) digits and \(symbols) symbols in \(length) characters; raise `length`, or "
          + "lower `digits` or `symbols`")
      return false
    }
    guard !allowRepeat else { return true }
    let letters = length - digits - symbols
    let wanted = [
      (letters, noUpper ? 26 : 52, "letters"), (digits, 10, "digits"),
      (symbols, symbolCharacters.utf8.count, "symbols"),
    ]
    for (count, available, what) in wanted where count > available {
      spec.report.error(
        spec.line,
        "\(spec.path.name) wants \(count) \(what) and no character twice, and there are \(available); write "
          + "`allowRepeat: true`, or ask for less")
      return false
    }
    return true
  }
}
