import FederationAPI
import JSON

/// A template in Go's `text/template` language with functions of sprig: what ESO's engine `v2` applies to a Secret's data.
///
/// Which part of the language and which functions work is said in docs/AGENT.md; everything else is refused when the
/// template is made. Applying one takes bounded time and memory.
public struct Template: Sendable {
  private let source: [UInt8]
  private let nodes: [TemplateNode]
  private let limits: TemplateLimits

  /// The names of all functions, in order.
  public static var functionNames: [String] { TemplateFunction.names }

  /// Takes `text` apart. Throws what is wrong with it, and where.
  public init(_ text: String, limits: TemplateLimits = TemplateLimits()) throws(TemplateError) {
    source = Array(text.utf8)
    self.limits = limits
    guard source.count <= limits.sourceBytes else {
      throw TemplateError([], at: 0, "the template is longer than \(limits.sourceBytes) bytes; split it")
    }
    var parser = TemplateParser(source)
    nodes = try parser.parse()
  }

  /// The result with `data` as the dot. Throws what went wrong, and where; never with a value in it.
  public func applied(to data: [String: SecretBytes]) throws(TemplateError) -> SecretBytes {
    var members: [JSONName: TemplateValue] = [:]
    for (key, value) in data { members[JSONName(key)] = .text(value.copied) }
    var execution = TemplateExecution(source: source, data: .map(members), limits: limits)
    try execution.run(nodes)
    var output = execution.output
    return SecretBytes(wiping: &output)
  }
}
