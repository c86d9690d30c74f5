/// Takes a template's text apart, and refuses what cannot be applied: unknown functions, wrong numbers of arguments,
/// unknown variables, blocks that are not closed.
struct TemplateParser {
  private var scanner: TemplateScanner
  /// A word that was looked at, and where it begins.
  private var ahead: (word: TemplateScanner.Word, offset: Int)?
  /// The variables that are known, innermost scope last.
  private var scopes: [Set<String>] = [[""]]
  private var rangeDepth = 0
  private var depth = 0

  init(_ source: [UInt8]) { scanner = TemplateScanner(source) }

  /// What ends a list of nodes.
  private enum Terminator {
    case endOfTemplate
    case end
    /// `else`, and what follows it: a condition for `else if` and `else with`.
    case otherwise(keyword: String?)
  }

  /// The whole template.
  mutating func parse() throws(TemplateError) -> [TemplateNode] {
    let (nodes, terminator, offset) = try list()
    guard case .endOfTemplate = terminator else { throw fault(offset, "there is nothing here to end") }
    return nodes
  }

  private mutating func list() throws(TemplateError) -> ([TemplateNode], Terminator, Int) {
    var nodes: [TemplateNode] = []
    while true {
      let (text, isAction) = try scanner.text()
      if !text.isEmpty { nodes.append(.text(text)) }
      guard isAction else { return (nodes, .endOfTemplate, scanner.offset) }
      let (word, offset) = try peek()
      guard case .identifier(let keyword) = word, Self.keywords.contains(keyword) else {
        nodes.append(.action(try pipeline(until: .end)))
        continue
      }
      _ = try next()
      switch keyword {
      case "end":
        try expectEnd("end")
        return (nodes, .end, offset)
      case "else":
        return (nodes, .otherwise(keyword: try elseKeyword()), offset)
      case "if", "with", "range":
        try enter(offset)
        nodes.append(try block(keyword, offset))
        depth -= 1
      case "break", "continue":
        guard rangeDepth > 0 else { throw fault(offset, "\(keyword) stands outside of range") }
        try expectEnd(keyword)
        nodes.append(keyword == "break" ? .leave : .next)
      default:
        throw fault(offset, "\(keyword) is not supported; write the template in one piece")
      }
    }
  }

  private static let keywords: Set<String> = [
    "if", "with", "range", "else", "end", "break", "continue", "define", "template", "block",
  ]

  private mutating func elseKeyword() throws(TemplateError) -> String? {
    let (word, offset) = try next()
    switch word {
    case .end: return nil
    case .identifier(let keyword) where keyword == "if" || keyword == "with": return keyword
    default: throw fault(offset, "else is followed by if, with or }}")
    }
  }

  private mutating func block(_ keyword: String, _ offset: Int) throws(TemplateError) -> TemplateNode {
    scopes.append([])
    defer { scopes.removeLast() }
    let condition = try pipeline(until: .end, allowsTwoVariables: keyword == "range")
    if keyword == "range" { rangeDepth += 1 }
    let (body, terminator, _) = try list()
    if keyword == "range" { rangeDepth -= 1 }
    var otherwise: [TemplateNode] = []
    switch terminator {
    case .end: break
    case .endOfTemplate: throw fault(offset, "\(keyword) has no {{ end }}")
    case .otherwise(let next):
      if let next {
        guard keyword != "range" else { throw fault(offset, "range takes no else \(next)") }
        try enter(offset)
        // One `end` ends both.
        otherwise = [try block(next, offset)]
        depth -= 1
      } else {
        let (nodes, last, _) = try list()
        guard case .end = last else { throw fault(offset, "\(keyword) has no {{ end }} after its else") }
        otherwise = nodes
      }
    }
    if keyword == "range" { return .range(condition, body: body, otherwise: otherwise) }
    return .branch(setsDot: keyword == "with", condition, then: body, otherwise: otherwise)
  }

  private mutating func expectEnd(_ keyword: String) throws(TemplateError) {
    let (word, offset) = try next()
    guard word == .end else { throw fault(offset, "\(keyword) is followed by }}") }
  }

  private mutating func enter(_ offset: Int) throws(TemplateError) {
    depth += 1
    guard depth <= TemplateLimits.depth else {
      throw fault(offset, "blocks and parentheses stand more than \(TemplateLimits.depth) deep inside each other")
    }
  }
}

// MARK: Pipelines

extension TemplateParser {
  /// A pipeline up to and with `terminator`.
  private mutating func pipeline(
    until terminator: TemplateScanner.Word, allowsTwoVariables: Bool = false
  ) throws(TemplateError) -> TemplatePipeline {
    var pipeline = TemplatePipeline(variables: [], declares: false, commands: [])
    var first: TemplateOperand?
    let start = try peek().offset
    if case .variable(let name) = try peek().word {
      _ = try next()
      let (word, offset) = try peek()
      switch word {
      case .declare, .assign, .comma:
        pipeline = try assignment(name, allowsTwoVariables: allowsTwoVariables, offset)
      default: first = try operand(variable: name, start)
      }
    }
    repeat {
      let command = try command(first, isFirst: pipeline.commands.isEmpty)
      first = nil
      pipeline.commands.append(command)
      let (word, offset) = try next()
      if word == terminator { break }
      guard word == .pipe else { throw fault(offset, "an unexpected word; expected | or the end") }
    } while true
    for name in pipeline.variables where pipeline.declares { scopes[scopes.count - 1].insert(name) }
    return pipeline
  }

  private mutating func assignment(
    _ name: String, allowsTwoVariables: Bool, _ offset: Int
  ) throws(TemplateError) -> TemplatePipeline {
    var names = [name]
    var (word, _) = try next()
    if word == .comma {
      guard allowsTwoVariables, case .variable(let second) = try next().word else {
        throw fault(offset, "two variables are set by range alone: {{ range $key, $value := … }}")
      }
      names.append(second)
      word = try next().word
    }
    guard word == .declare || word == .assign else { throw fault(offset, "expected := or =") }
    guard !names.contains("") else { throw fault(offset, "$ cannot be set") }
    if word == .assign {
      for name in names { try check(name, offset) }
    }
    return TemplatePipeline(variables: names, declares: word == .declare, commands: [])
  }

  private mutating func command(_ first: TemplateOperand?, isFirst: Bool) throws(TemplateError) -> TemplateCommand {
    let offset = try peek().offset
    var command = TemplateCommand(offset: offset, function: nil, arguments: first.map { [$0] } ?? [])
    if first == nil, case .identifier(let name) = try peek().word, Self.constants[name] == nil {
      _ = try next()
      command.function = name
    }
    while let operand = try operand() { command.arguments.append(operand) }
    if let function = command.function {
      try check(function, arguments: command.arguments.count + (isFirst ? 0 : 1), offset)
    } else {
      guard isFirst else { throw fault(offset, "a value cannot take the result of a pipeline; put a function here") }
      guard command.arguments.count == 1 else {
        throw fault(
          offset, command.arguments.isEmpty ? "a value or function is missing" : "a value takes no arguments")
      }
    }
    return command
  }

  private static let constants: [String: TemplateValue] = ["true": .bool(true), "false": .bool(false), "nil": .null]

  private func check(_ function: String, arguments: Int, _ offset: Int) throws(TemplateError) {
    guard let known = TemplateFunction.all[function] else {
      throw fault(
        offset,
        "there is no function \"\(function.prefix(64))\"; those that work are \(TemplateFunction.names.joined(separator: ", "))"
      )
    }
    guard known.arguments.contains(arguments) else {
      throw fault(offset, "\(function) takes \(known.usage), not \(arguments) arguments")
    }
  }

  /// The next argument; nil when there is none.
  private mutating func operand() throws(TemplateError) -> TemplateOperand? {
    let (word, offset) = try peek()
    switch word {
    case .identifier(let name):
      _ = try next()
      if let constant = Self.constants[name] { return .constant(constant) }
      try check(name, arguments: 0, offset)
      return .call(TemplateCommand(offset: offset, function: name, arguments: []))
    case .dot:
      _ = try next()
      return .dot(fields: [], offset: offset)
    case .field(let name, _):
      _ = try next()
      return .dot(fields: [name] + (try fields()), offset: offset)
    case .variable(let name):
      _ = try next()
      return try operand(variable: name, offset)
    case .text(let bytes):
      _ = try next()
      return .constant(.text(bytes))
    case .integer(let number):
      _ = try next()
      return .constant(.integer(number))
    case .float(let number):
      _ = try next()
      return .constant(.float(number))
    case .open:
      _ = try next()
      try enter(offset)
      let nested = try pipeline(until: .close)
      depth -= 1
      guard nested.variables.isEmpty else { throw fault(offset, "no variable is set within parentheses") }
      return .nested(nested, fields: try fields(), offset: offset)
    case .close, .pipe, .comma, .declare, .assign, .end: return nil
    }
  }

  private mutating func operand(variable name: String, _ offset: Int) throws(TemplateError) -> TemplateOperand {
    try check(name, offset)
    return .variable(name, fields: try fields(), offset: offset)
  }

  private func check(_ variable: String, _ offset: Int) throws(TemplateError) {
    guard scopes.contains(where: { $0.contains(variable) }) else {
      throw fault(offset, "there is no variable $\(variable.prefix(64)) here")
    }
  }

  /// `.a.b` right behind what it belongs to.
  private mutating func fields() throws(TemplateError) -> [String] {
    var fields: [String] = []
    while case .field(let name, isAttached: true) = try peek().word {
      _ = try next()
      fields.append(name)
    }
    return fields
  }

  private mutating func peek() throws(TemplateError) -> (word: TemplateScanner.Word, offset: Int) {
    if let ahead { return ahead }
    let offset = scanner.offset
    let word = try scanner.word()
    ahead = (word, offset)
    return (word, offset)
  }

  private mutating func next() throws(TemplateError) -> (word: TemplateScanner.Word, offset: Int) {
    let word = try peek()
    ahead = nil
    return word
  }

  private func fault(_ offset: Int, _ message: String) -> TemplateError { scanner.fault(offset, message) }
}
