/// What one template may take: time grows with the steps and the bytes that are handled, and both are bounded.
public struct TemplateLimits: Sendable {
  /// Bytes of a template's text.
  public var sourceBytes = 65_536
  /// Bytes that are put out, and that one value may have.
  public var outputBytes = 1 << 20
  /// Nodes, arguments and elements that are looked at.
  public var steps = 200_000
  /// Bytes that functions read and make in all.
  public var handledBytes = 32 << 20

  /// How deep parentheses and blocks may stand inside each other.
  public static let depth = 32

  /// The usual.
  public init() {}
}

/// What is left of the limits while a template is applied.
struct TemplateBudget {
  private(set) var steps: Int
  private(set) var bytes: Int
  let valueBytes: Int

  init(_ limits: TemplateLimits) {
    steps = limits.steps
    bytes = limits.handledBytes
    valueBytes = limits.outputBytes
  }

  mutating func step(_ count: Int = 1) throws(TemplateFault) {
    steps -= count
    guard steps >= 0 else { throw TemplateFault("the template takes too many steps") }
  }

  /// Counts a value of `count` bytes that is read or made.
  mutating func handle(_ count: Int) throws(TemplateFault) {
    guard count <= valueBytes else { throw TemplateFault("a value would be longer than \(valueBytes) bytes") }
    bytes -= count
    guard bytes >= 0 else { throw TemplateFault("the template handles too many bytes") }
  }
}
