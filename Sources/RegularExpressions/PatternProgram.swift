/// A pattern as instructions of a machine that keeps all its threads in step (Pike's), so that matching takes time
/// with the product of program and text, whatever the pattern.
struct PatternProgram: Sendable {
  enum Instruction: Sendable {
    /// Takes one scalar.
    case set(ScalarSet)
    case assertion(PatternNode.Assertion)
    /// Goes on at both places; the first is preferred.
    case split(Int, Int)
    case jump(Int)
    /// Notes the place in the text.
    case save(Int)
    case match
  }

  private(set) var instructions: [Instruction] = []

  init(_ node: PatternNode) throws(RegularExpressionError) {
    try append(.save(0))
    try compile(node)
    try append(.save(1))
    try append(.match)
  }

  private mutating func append(_ instruction: Instruction) throws(RegularExpressionError) {
    guard instructions.count < RegularExpression.maximumInstructions else { throw .tooComplex }
    instructions.append(instruction)
  }

  private mutating func compile(_ node: PatternNode) throws(RegularExpressionError) {
    switch node {
    case .empty: break
    case .set(let set): try append(.set(set))
    case .assertion(let assertion): try append(.assertion(assertion))
    case .sequence(let nodes): for node in nodes { try compile(node) }
    case .group(let node, let number):
      try append(.save(2 * number))
      try compile(node)
      try append(.save(2 * number + 1))
    case .alternatives(let nodes):
      var ends: [Int] = []
      for node in nodes.dropLast() {
        let split = instructions.count
        try append(.split(0, 0))
        try compile(node)
        ends.append(instructions.count)
        try append(.jump(0))
        instructions[split] = .split(split + 1, instructions.count)
      }
      try compile(nodes[nodes.count - 1])
      for end in ends { instructions[end] = .jump(instructions.count) }
    case .repetition(let node, let minimum, let maximum, let isGreedy):
      try compile(node, minimum, maximum, isGreedy)
    }
  }

  private mutating func compile(
    _ node: PatternNode, _ minimum: Int, _ maximum: Int?, _ isGreedy: Bool
  ) throws(RegularExpressionError) {
    if maximum == nil {
      // A body that may be empty is repeated as (body+)?, as RE2 does, so that what it prefers is kept.
      if minimum == 0, node.isNullable {
        let split = instructions.count
        try append(.split(0, 0))
        try compile(node, 1, nil, isGreedy)
        instructions[split] = Self.split(split + 1, instructions.count, isGreedy)
        return
      }
      for _ in 0..<max(0, minimum - 1) { try compile(node) }
      let start = instructions.count
      if minimum == 0 {
        try append(.split(0, 0))
        try compile(node)
        try append(.jump(start))
        instructions[start] = Self.split(start + 1, instructions.count, isGreedy)
      } else {
        try compile(node)
        try append(Self.split(start, instructions.count + 1, isGreedy))
      }
      return
    }
    for _ in 0..<minimum { try compile(node) }
    try compileOptions(node, (maximum ?? 0) - minimum, isGreedy)
  }

  /// `(node(node(…)?)?)?`, `count` deep, all of whose ends are the same.
  private mutating func compileOptions(
    _ node: PatternNode, _ count: Int, _ isGreedy: Bool
  ) throws(RegularExpressionError) {
    var splits: [Int] = []
    for _ in 0..<count {
      splits.append(instructions.count)
      try append(.split(0, 0))
      try compile(node)
    }
    for split in splits { instructions[split] = Self.split(split + 1, instructions.count, isGreedy) }
  }

  private static func split(_ body: Int, _ end: Int, _ isGreedy: Bool) -> Instruction {
    isGreedy ? .split(body, end) : .split(end, body)
  }
}
