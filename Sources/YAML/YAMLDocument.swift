/// One document of a YAML stream.
public struct YAMLDocument: Sendable, Equatable {
  /// The document's value; nil when it could not be read.
  public var root: YAMLNode?
  /// What is wrong with it, in the order of finding; a document with a duplicate key keeps its root.
  public var problems: [YAMLProblem]
  /// The line that the document begins on, counted from 1.
  public var line: Int

  /// Makes a document.
  public init(root: YAMLNode?, problems: [YAMLProblem] = [], line: Int) {
    self.root = root
    self.problems = problems
    self.line = line
  }
}

/// Why a document cannot be used as it is.
public struct YAMLProblem: Error, Sendable, Hashable {
  /// The line to look at, counted from 1.
  public var line: Int
  /// What is wrong and what to do, without a full stop.
  public var message: String

  /// Makes a problem.
  public init(line: Int, message: String) {
    self.line = line
    self.message = message
  }
}
