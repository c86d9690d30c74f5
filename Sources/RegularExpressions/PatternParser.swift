/// Reads RE2's syntax. What RE2 does not have, such as lookaround and backreferences, is an error, as it is there; so is
/// what RE2 has and this does not: scripts in `\p{…}`, and octal escapes.
struct PatternParser {
  /// RE2 allows as many repetitions.
  static let maximumRepetition = 1_000
  /// Groups inside each other.
  static let maximumDepth = 100

  private struct Flags {
    var foldsCase = false
    var isMultiline = false
    var dotTakesNewline = false
    var isUngreedy = false
  }

  var scalars: [Unicode.Scalar]
  var offset = 0
  private var flags = Flags()
  private var depth = 0
  /// How many groups capture.
  private(set) var groupCount = 0
  /// Their numbers by name.
  private(set) var groupNames: [String: Int] = [:]

  init(_ pattern: String) { scalars = Array(pattern.unicodeScalars) }

  /// Reads the whole pattern.
  mutating func parse() throws(RegularExpressionError) -> PatternNode {
    let node = try alternatives()
    guard offset == scalars.count else { throw .syntax("has a ) without its (") }
    return node
  }

  var next: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

  mutating func take(_ text: String) -> Bool {
    let wanted = text.unicodeScalars
    guard scalars[offset...].starts(with: wanted) else { return false }
    offset += wanted.count
    return true
  }

  var foldsCase: Bool { flags.foldsCase }

  private mutating func alternatives() throws(RegularExpressionError) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw .tooComplex }
    // Flags that are set inside of a group end with it.
    let outer = flags
    defer { flags = outer }
    var nodes = [try sequence()]
    while take("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
  }

  private mutating func sequence() throws(RegularExpressionError) -> PatternNode {
    var nodes: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      if take("\\Q") {
        nodes += quoted()
        if nodes.isEmpty { continue }
      } else if let node = try atom() {
        nodes.append(node)
      } else {
        guard try repetition() == nil else { throw .syntax("has nothing to repeat behind its flags") }
        continue
      }
      try repeated(&nodes)
    }
    return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func quoted() -> [PatternNode] {
    var nodes: [PatternNode] = []
    while offset < scalars.count, !take("\\E") {
      nodes.append(literal(scalars[offset]))
      offset += 1
    }
    return nodes
  }

  private func literal(_ scalar: Unicode.Scalar) -> PatternNode {
    .set(ScalarSet(items: [.range(scalar.value, scalar.value)], foldsCase: flags.foldsCase))
  }

  /// Nil for flags, which take nothing.
  private mutating func atom() throws(RegularExpressionError) -> PatternNode? {
    let scalar = scalars[offset]
    switch scalar {
    case "(": return try group()
    case "[":
      offset += 1
      return .set(try bracketed())
    case ".":
      offset += 1
      let newline = ScalarSet.ranges([("\n", "\n")], isNegated: true)
      return .set(flags.dotTakesNewline ? ScalarSet(isNegated: true) : newline)
    case "^":
      offset += 1
      return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case "$":
      offset += 1
      return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
    case "*", "+", "?": throw .syntax("has nothing before \(scalar) to repeat")
    case "\\": return try escape()
    default:
      offset += 1
      return literal(scalar)
    }
  }

  private mutating func escape() throws(RegularExpressionError) -> PatternNode {
    for (text, assertion): (String, PatternNode.Assertion) in [
      ("\\A", .textStart), ("\\z", .textEnd), ("\\b", .wordBoundary), ("\\B", .noWordBoundary),
    ] where take(text) { return .assertion(assertion) }
    if var set = try classEscape() {
      set.foldsCase = flags.foldsCase
      return .set(set)
    }
    return literal(try scalarEscape())
  }

  private mutating func group() throws(RegularExpressionError) -> PatternNode? {
    let outer = flags
    offset += 1
    var number: Int?
    if take("?P<") || (scalars[offset...].starts(with: "?<".unicodeScalars) && !isLookbehind && take("?<")) {
      let name = String(String.UnicodeScalarView(scalars[offset...].prefix { $0 != ">" }))
      offset += name.unicodeScalars.count
      let isWord = name.unicodeScalars.allSatisfy { ScalarSet.words.contains($0) }
      guard take(">"), !name.isEmpty, isWord else { throw .syntax("has a group without a proper name") }
      groupCount += 1
      number = groupCount
      guard groupNames.updateValue(groupCount, forKey: name) == nil else {
        throw .syntax("has two groups named \(name)")
      }
    } else if take("?") {
      guard try groupFlags() else { return nil }
    } else {
      groupCount += 1
      number = groupCount
    }
    let node = try alternatives()
    flags = outer
    guard take(")") else { throw .syntax("has a ( without its )") }
    return number.map { .group(node, $0) } ?? node
  }

  private var isLookbehind: Bool {
    scalars[offset...].starts(with: "?<=".unicodeScalars) || scalars[offset...].starts(with: "?<!".unicodeScalars)
  }

  /// Reads `i)` or `i:` behind `(?`; gives whether a group follows, with which its flags end.
  private mutating func groupFlags() throws(RegularExpressionError) -> Bool {
    var isOn = true
    var fresh = flags
    var isEmpty = true
    while let scalar = next {
      offset += 1
      switch scalar {
      case "i": fresh.foldsCase = isOn
      case "m": fresh.isMultiline = isOn
      case "s": fresh.dotTakesNewline = isOn
      case "U": fresh.isUngreedy = isOn
      case "-" where isOn: isOn = false
      case ")" where !isEmpty && (isOn || isFlag(scalars[offset - 2])):
        flags = fresh
        return false
      case ":" where isOn || isFlag(scalars[offset - 2]):
        flags = fresh
        return true
      case "=", "!", "<": throw .syntax("uses lookaround, which RE2 does not have")
      default: throw .syntax("has a group that RE2 does not know: (?\(scalar)")
      }
      isEmpty = false
    }
    throw .syntax("has a ( without its )")
  }

  private func isFlag(_ scalar: Unicode.Scalar) -> Bool { "imsU".unicodeScalars.contains(scalar) }

  /// Takes the repetition behind the last of `nodes`, if there is one.
  private mutating func repeated(_ nodes: inout [PatternNode]) throws(RegularExpressionError) {
    guard let (minimum, maximum) = try repetition(), let node = nodes.popLast() else { return }
    let isLazy = take("?")
    nodes.append(.repetition(node, minimum: minimum, maximum: maximum, isGreedy: isLazy == flags.isUngreedy))
    if try repetition() != nil { throw .syntax("repeats a repetition; put it in a group") }
  }

  private mutating func repetition() throws(RegularExpressionError) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let start = offset
    guard take("{"), let minimum = number() else {
      offset = start
      return nil
    }
    var maximum: Int? = minimum
    if take(",") { maximum = next == "}" ? nil : number() ?? -1 }
    guard take("}"), maximum != -1 else {
      // A brace that begins no count stands for itself.
      offset = start
      return nil
    }
    guard minimum <= maximum ?? minimum, max(minimum, maximum ?? 0) <= Self.maximumRepetition else {
      throw .syntax("has a count over \(Self.maximumRepetition), or one that ends before it begins")
    }
    return (minimum, maximum)
  }

  private mutating func number() -> Int? {
    let digits = scalars[offset...].prefix { ScalarSet.digits.contains($0) }
    // Ten digits are over the limit whatever they are; a leading zero is no count in RE2.
    guard let first = digits.first, first != "0" || digits.count == 1 else { return nil }
    offset += digits.count
    return Int(String(String.UnicodeScalarView(digits.prefix(10))))
  }
}
