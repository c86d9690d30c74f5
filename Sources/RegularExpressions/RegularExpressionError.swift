/// Why a pattern cannot be used.
public enum RegularExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Longer than ``RegularExpression/maximumPatternBytes``.
  case tooLong
  /// Its repetitions, written out, are more than ``RegularExpression/maximumInstructions``, or its groups too deep.
  case tooComplex
  /// RE2 has no such syntax, or this version does not read it; the text says what.
  case syntax(String)

  /// One phrase without a full stop.
  public var description: String {
    switch self {
    case .tooLong: "the regular expression is longer than \(RegularExpression.maximumPatternBytes) bytes"
    case .tooComplex: "the regular expression is too complex"
    case .syntax(let problem): "the regular expression \(problem)"
    }
  }
}

/// Matching went past its ``RegularExpression/Effort``.
public struct EffortSpent: Error, Equatable, Sendable {}
