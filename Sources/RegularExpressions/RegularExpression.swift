/// A regular expression with the syntax and meaning of RE2, as Go's `regexp` has them: leftmost match, preferring what a
/// backtracking engine would find first, in time with the product of pattern and text.
///
/// Scripts in `\p{…}` and octal escapes are not read; `(?i)` compares by simple upper and lower case.
public struct RegularExpression: Sendable {
  /// The longest pattern, in bytes.
  public static let maximumPatternBytes = 1_024
  /// The largest program, repetitions written out.
  public static let maximumInstructions = 4_096

  /// As it was written.
  public let pattern: String
  private let program: PatternProgram
  private let groupCount: Int
  private let groupNames: [String: Int]

  /// Reads a pattern.
  public init(_ pattern: String) throws(RegularExpressionError) {
    guard pattern.utf8.count <= Self.maximumPatternBytes else { throw .tooLong }
    self.pattern = pattern
    var parser = PatternParser(pattern)
    program = try PatternProgram(try parser.parse())
    groupCount = parser.groupCount
    groupNames = parser.groupNames
  }

  /// Whether it matches anywhere in `text`.
  public func matches(_ text: String, _ effort: inout Effort) throws(EffortSpent) -> Bool {
    var machine = PatternMachine(program, Array(text.unicodeScalars), savedCount: 0)
    return try machine.match(from: 0, &effort) != nil
  }

  /// `text` with every match replaced by `target`, in which `$1`, `$name` and `${name}` stand for groups and `$$` for a
  /// dollar. A group that did not match, or that there is not, stands for nothing.
  public func replacing(
    in text: String, with target: String, _ effort: inout Effort
  ) throws(EffortSpent) -> String {
    let scalars = Array(text.unicodeScalars)
    let target = ReplacementTarget(target)
    var machine = PatternMachine(program, scalars, savedCount: 2 * (groupCount + 1))
    var result = String.UnicodeScalarView()
    var copied = 0
    var search = 0
    while search <= scalars.count, let saved = try machine.match(from: search, &effort) {
      let (start, end) = (saved[0], saved[1])
      result.append(contentsOf: scalars[copied..<start])
      // An empty match right behind another one is none.
      if end > copied || start == 0 {
        for part in target.parts {
          switch part {
          case .text(let text): result.append(contentsOf: text)
          case .group(let name):
            guard let number = number(of: name), saved[2 * number] >= 0 else { continue }
            result.append(contentsOf: scalars[saved[2 * number]..<saved[2 * number + 1]])
          }
        }
        try effort.spend(target.parts.count)
      }
      copied = end
      search = max(end, search + 1)
    }
    result.append(contentsOf: scalars[copied...])
    return String(result)
  }

  private func number(of group: String) -> Int? {
    guard group.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return groupNames[group] }
    guard group == "0" || group.utf8.first != UInt8(ascii: "0"), let number = Int(group), number <= groupCount else {
      return nil
    }
    return number
  }
}

extension RegularExpression: Equatable {
  /// Whether the patterns are the same bytes.
  public static func == (left: RegularExpression, right: RegularExpression) -> Bool {
    left.pattern.utf8.elementsEqual(right.pattern.utf8)
  }
}

/// What matching may cost in all, in steps of some nanoseconds: several matches share one.
public struct Effort: Sendable {
  private var left: Int

  /// Allows so many steps.
  public init(steps: Int) { left = steps }

  mutating func spend(_ steps: Int) throws(EffortSpent) {
    left -= steps
    guard left >= 0 else { throw EffortSpent() }
  }
}
