/// A pattern as it was read.
indirect enum PatternNode: Sendable {
  /// Where the text is, without taking anything of it.
  enum Assertion: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
  }

  case empty
  case set(ScalarSet)
  case assertion(Assertion)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  /// `maximum` is nil for no limit.
  case repetition(PatternNode, minimum: Int, maximum: Int?, isGreedy: Bool)
  /// A capturing group, counted from 1.
  case group(PatternNode, Int)

  /// Whether it can match without taking anything.
  var isNullable: Bool {
    switch self {
    case .empty, .assertion: true
    case .set: false
    case .sequence(let nodes): nodes.allSatisfy(\.isNullable)
    case .alternatives(let nodes): nodes.contains(where: \.isNullable)
    case .repetition(let node, let minimum, _, _): minimum == 0 || node.isNullable
    case .group(let node, _): node.isNullable
    }
  }
}
