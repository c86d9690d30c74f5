import FederationAPI
import YAML

/// Fields that may be left out. Each function gives the fallback for one that is absent, and nil after a report.
extension MappingReader {
  /// The whole number in `field`, written in decimal digits; `isTextAllowed` takes it in quotes too.
  func integer(
    _ field: String, in range: ClosedRange<Int>, default fallback: Int, isTextAllowed: Bool = false
  ) -> Int? {
    guard let entry = optional(field) else { return fallback }
    guard case .scalar(let text, _) = entry.value.content,
      entry.value.type == .integer || (isTextAllowed && entry.value.type == .string)
    else {
      let advice =
        switch entry.value.type {
        case .string: "; remove the quotes"
        case .float: "; write it in decimal digits"
        default: ""
        }
      report.error(
        entry.value.line, "\(name(field)) must be a whole number, not \(entry.value.type.phrase)\(advice)")
      return nil
    }
    guard let number = Self.decimal(text), range.contains(number) else {
      report.error(
        entry.value.line,
        "\(name(field)) must be between \(range.lowerBound) and \(range.upperBound), in decimal digits")
      return nil
    }
    return number
  }

  /// Nil for other spellings: hexadecimal, underscores, and leading zeros, which YAML 1.1 takes for octal.
  private static func decimal(_ text: String) -> Int? {
    Int(text).flatMap { String($0) == text ? $0 : nil }
  }

  /// The truth value in `field`.
  func boolean(_ field: String, default fallback: Bool) -> Bool? {
    guard let entry = optional(field) else { return fallback }
    guard entry.value.type == .boolean, case .scalar(let text, _) = entry.value.content else {
      report.error(
        entry.value.line,
        "\(name(field)) must be `true` or `false`, not \(entry.value.type.phrase)")
      return nil
    }
    return YAMLNode.isTrue(text)
  }

  /// The text in `field`, possibly empty, of at most `maximum` bytes and in one line.
  func line(_ field: String, default fallback: String, maximum: Int) -> String? {
    guard let entry = optional(field) else { return fallback }
    guard let text = text(entry.value, name(field)), isShort(text, field, maximum) else { return nil }
    guard text.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      report.error(text.line, "\(name(field)) holds a line break or control character; remove it")
      return nil
    }
    return text.value
  }

  /// Whether `text` has at most `maximum` bytes; reports when not.
  func isShort(_ text: Located<String>, _ field: String, _ maximum: Int) -> Bool {
    if text.value.utf8.count <= maximum { return true }
    report.error(text.line, "\(name(field)) is longer than \(maximum) bytes; shorten it")
    return false
  }

  /// The one of `choices` that `field` names.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ field: String, default fallback: Choice, spelling: (String) -> String = { $0 }
  ) -> Choice? where Choice.RawValue == String {
    guard let entry = optional(field) else { return fallback }
    let names = Choice.allCases.map(\.rawValue)
    guard
      let text = string(entry.value, name(field), emptyAdvice: "write one of \(Suggestion.list(names))")
    else { return nil }
    if let choice = Choice(rawValue: spelling(text.value)) { return choice }
    let advice = Suggestion.advice(
      for: text.value, among: names, otherwise: "; write one of \(Suggestion.list(names))")
    report.error(text.line, "\(name(field)) cannot be \(quoted(text.value))\(advice)")
    return nil
  }

  /// Refuses `field`, which other servers know, saying what to do instead.
  func refuse(_ field: String, _ advice: @autoclosure () -> String) {
    guard let entry = optional(field) else { return }
    report.error(entry.keyLine, "\(name(field)) \(advice())")
  }

  /// The length of time in `field`, within `range` in seconds; nil when it is absent or was reported.
  func duration(_ field: String, in range: ClosedRange<Double>, _ bounds: String) -> Located<Double>? {
    guard let entry = optional(field),
      let text = string(entry.value, name(field), emptyAdvice: "write a length of time, for example `1h30m`")
    else { return nil }
    guard text.value.utf8.count <= 64, let duration = GoDuration(text.value) else {
      report.error(
        text.line, "\(name(field)) \(quoted(text.value)) is no length of time; write it as `90s`, `15m` or `1h30m`")
      return nil
    }
    guard range.contains(duration.seconds) else {
      report.error(text.line, "\(name(field)) must be \(bounds)")
      return nil
    }
    return Located(duration.seconds, line: text.line)
  }
}

extension YAMLNode {
  /// What a plain scalar of type ``YAMLType/boolean`` says, in the spellings of YAML 1.1.
  static func isTrue(_ text: String) -> Bool { ["true", "yes", "on"].contains(text.lowercased()) }
}
