/// A command line that asks for nothing that can be done; the program prints the text and exits with 2.
package struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Which flag, and what it may be.
  package let description: String

  /// Makes an error from its text.
  package init(_ description: String) { self.description = description }
}

/// Flags of one subcommand: `--name value`, `--name=value`, and those that take no value.
package struct Arguments {
  private var values: [String: String] = [:]

  /// Reads `words`, which stand behind the subcommand's name. Of a flag given twice the last counts.
  package init(_ words: [String], flags: [String], switches: [String] = []) throws(UsageError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else { throw UsageError("unexpected word \"\(word)\"") }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      if switches.contains(name) {
        guard parts.count == 1 else { throw UsageError("--\(name) takes no value") }
        values[name] = "true"
        continue
      }
      guard flags.contains(name) else {
        throw UsageError(
          "unknown flag --\(name); the flags here are: \((flags + switches).map { "--\($0)" }.joined(separator: " "))")
      }
      guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
        throw UsageError("--\(name) needs a value")
      }
      values[name] = value
    }
  }

  /// Whether the flag was given.
  package func has(_ name: String) -> Bool { values[name] != nil }

  /// The flag's text, nil when it was not given.
  package func text(_ name: String) -> String? { values[name] }

  /// The flag's text, which must have been given.
  package func required(_ name: String) throws(UsageError) -> String {
    guard let value = values[name], !value.isEmpty else { throw UsageError("--\(name) is required") }
    return value
  }

  /// A whole number from `range`, nil when the flag was not given.
  package func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        "--\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    }
    return number
  }

  /// A number from `range`, nil when the flag was not given.
  package func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
    guard let text = values[name] else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw UsageError("--\(name) must be a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    }
    return number
  }

  /// One of the names of `Choice`, nil when the flag was not given.
  package func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ type: Choice.Type
  ) throws(UsageError) -> Choice? {
    guard let text = values[name] else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("--\(name) must be one of \(names), not \"\(text)\"")
    }
    return choice
  }

  /// The rule that `--value-sizes` or `--value-size` gives, 64 bytes for all keys when neither was given.
  package func valueRule() throws(UsageError) -> ValueRule {
    if let text = values["value-sizes"] {
      guard values["value-size"] == nil else { throw UsageError("give --value-size or --value-sizes, not both") }
      do throws(BenchError) { return try ValueRule(text: text) } catch { throw UsageError("--value-sizes: \(error)") }
    }
    return ValueRule(size: try integer("value-size", in: 1...4_000_000) ?? 64)
  }
}
