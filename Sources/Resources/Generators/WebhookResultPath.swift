import YAML

/// `result.jsonPath` of a webhook: one way down a JSON text, in the part of RFC 9535 that leads to one place at most.
public struct WebhookResultPath: Sendable, Hashable {
  /// One step down.
  public enum Step: Sendable, Hashable {
    /// `.name` or `['name']`.
    case member(String)
    /// `[0]`.
    case index(Int)
  }

  /// The most steps; the JSON that is read is not deeper.
  public static let maximumSteps = 32

  /// The steps from the root, first to last; none for `$`.
  public var steps: [Step]

  /// Makes a path.
  public init(steps: [Step]) { self.steps = steps }

  private static let advice = "write `$`, or a path such as `$.a.b`, `$.a[0]` or `$['a']`"

  /// Reads `text`, or says what in it leads elsewhere.
  init(parsing text: String) throws(FieldFault) {
    steps = []
    guard text.utf8.count <= 1_024 else { throw FieldFault("is longer than 1024 bytes") }
    guard text.utf8.first == UInt8(ascii: "$") else { throw FieldFault("must begin with `$`; \(Self.advice)") }
    var rest = text.utf8.dropFirst()
    while let first = rest.first {
      guard steps.count < Self.maximumSteps else {
        throw FieldFault("has more than \(Self.maximumSteps) steps; shorten it")
      }
      switch first {
      case UInt8(ascii: "."): steps.append(try Self.dotted(&rest))
      case UInt8(ascii: "["): steps.append(try Self.bracketed(&rest))
      default: throw FieldFault("has \(quoted(String(rest) ?? "")) where a step must begin; \(Self.advice)")
      }
    }
  }

  private static func dotted(_ rest: inout Substring.UTF8View) throws(FieldFault) -> Step {
    rest.removeFirst()
    if rest.first == UInt8(ascii: ".") { throw unsupported("the recursive descent `..`") }
    if rest.first == UInt8(ascii: "*") { throw unsupported("the wildcard `*`") }
    let name = rest.prefix {
      KubernetesName.isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 >= 0x80
    }
    guard !name.isEmpty, let text = String(name) else { throw FieldFault("has a `.` that no name follows; \(advice)") }
    rest = rest.dropFirst(name.count)
    return .member(text)
  }

  private static func bracketed(_ rest: inout Substring.UTF8View) throws(FieldFault) -> Step {
    rest.removeFirst()
    switch rest.first {
    case UInt8(ascii: "'"): return try quotedName(&rest)
    case UInt8(ascii: "*"): throw unsupported("the wildcard `[*]`")
    case UInt8(ascii: "?"), UInt8(ascii: "("): throw unsupported("the filter `[?...]`")
    case UInt8(ascii: "-"): throw unsupported("an index from the end, `[-1]`")
    case UInt8(ascii: "\""): throw FieldFault("has a name in double quotes; write `['a']`")
    default: break
    }
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    rest = rest.dropFirst(digits.count)
    switch rest.first {
    case UInt8(ascii: ":"): throw unsupported("the slice `[a:b]`")
    case UInt8(ascii: ","): throw unsupported("the union `[a,b]`")
    case UInt8(ascii: "]"): rest.removeFirst()
    default: throw FieldFault("has a `[` that no index and `]` follow; \(advice)")
    }
    guard digits.count <= 9, let index = Int(String(digits) ?? "") else {
      throw FieldFault("has an index that is no number up to 999999999; \(advice)")
    }
    return .index(index)
  }

  private static func quotedName(_ rest: inout Substring.UTF8View) throws(FieldFault) -> Step {
    rest.removeFirst()
    let name = rest.prefix { $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\\") }
    rest = rest.dropFirst(name.count)
    if rest.first == UInt8(ascii: "\\") { throw unsupported("an escape in a name, `\\`") }
    guard rest.starts(with: "']".utf8), let text = String(name) else {
      throw rest.starts(with: "',".utf8)
        ? unsupported("the union `[a,b]`") : FieldFault("has a `['` that no `']` closes; \(advice)")
    }
    rest = rest.dropFirst(2)
    return .member(text)
  }

  private static func unsupported(_ what: String) -> FieldFault {
    FieldFault("uses \(what), which this server does not support; \(advice)")
  }
}
