import CYAML

/// Turns the events of one document into its tree.
///
/// What is wrong with a single value is noted and reading goes on, so that one pass finds every such fault.
struct TreeBuilder: ~Copyable {
  static let maximumDepth = 64

  private(set) var problems: [YAMLProblem] = []
  /// False when a value was left out, so that the tree is not what the file says.
  private(set) var isComplete = true

  /// What the next event of a collection is: a node, or the collection's end.
  private enum Step {
    case node(YAMLNode)
    case end
  }

  /// The document's root; to be called after the document's start event.
  mutating func root(from parser: borrowing EventParser) throws(YAMLProblem) -> YAMLNode? {
    guard case .node(let node) = try step(parser, depth: 0) else { return nil }
    return node
  }

  private mutating func step(_ parser: borrowing EventParser, depth: Int) throws(YAMLProblem) -> Step {
    // The event is freed before the collection's items are read: nesting costs no C memory.
    let (opened, line) = try parser.next { event throws(YAMLProblem) in
      (opening(event, parser), parser.line(event.start_mark))
    }
    switch opened {
    case .node(let node): return .node(node)
    case .end: return .end
    case .sequence, .mapping:
      guard depth < Self.maximumDepth else {
        throw YAMLProblem(line: line, message: "values are nested more than \(Self.maximumDepth) deep; flatten them")
      }
    }
    if case .sequence = opened {
      var items: [YAMLNode] = []
      while case .node(let item) = try step(parser, depth: depth + 1) { items.append(item) }
      return .node(YAMLNode(.sequence(items), line: line))
    }
    return .node(YAMLNode(.mapping(try entries(parser, depth: depth + 1)), line: line))
  }

  private mutating func entries(_ parser: borrowing EventParser, depth: Int) throws(YAMLProblem) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    var lines = KeyLines()
    while case .node(let key) = try step(parser, depth: depth) {
      guard case .node(let value) = try step(parser, depth: depth) else { break }
      guard case .scalar(let text, let isPlain) = key.content else {
        note(key.line, "a key must be text, not \(key.type.phrase); check for a stray `?`, `[` or `{`")
        continue
      }
      if let first = lines.line(of: text, among: entries) {
        problems.append(
          YAMLProblem(
            line: key.line, message: "\(quoted(text)) is given twice, first on line \(first); remove one of them"))
        continue
      }
      entries.append(YAMLEntry(key: text, keyLine: key.line, isKeyPlain: isPlain, value: value))
    }
    return entries
  }

  private enum Opening {
    case node(YAMLNode)
    case sequence
    case mapping
    case end
  }

  private mutating func opening(_ event: borrowing yaml_event_t, _ parser: borrowing EventParser) -> Opening {
    let line = parser.line(event.start_mark)
    switch event.type {
    case YAML_SCALAR_EVENT:
      return .node(scalar(event.data.scalar, line: line))
    case YAML_SEQUENCE_START_EVENT:
      check(tag: event.data.sequence_start.tag, isOneOf: ["seq"], line: line)
      return .sequence
    case YAML_MAPPING_START_EVENT:
      check(tag: event.data.mapping_start.tag, isOneOf: ["map"], line: line)
      return .mapping
    case YAML_ALIAS_EVENT:
      note(line, "aliases (`*name`) are not supported; write the value out")
      return .node(YAMLNode(.scalar("", isPlain: true), line: line))
    default:
      return .end
    }
  }

  private mutating func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar, line: Int)
    -> YAMLNode
  {
    var isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
    if let tag = scalar.tag {
      let name = check(tag: tag, isOneOf: ["str", "int", "bool", "float", "null"], line: line)
      isPlain = isPlain && name != "str" && name != "!"
    }
    let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    return YAMLNode(.scalar(text, isPlain: isPlain), line: line)
  }

  @discardableResult
  private mutating func check(tag: UnsafePointer<UInt8>?, isOneOf known: [String], line: Int) -> String {
    guard let tag else { return "" }
    let text = String(cString: tag)
    let prefix = "tag:yaml.org,2002:"
    let name = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    if text != "!" && !known.contains(name) {
      let shown = text.hasPrefix(prefix) ? "!!\(name)" : text
      note(line, "the tag \(quoted(shown)) is not supported; remove it")
    }
    return name
  }

  private mutating func note(_ line: Int, _ message: String) {
    problems.append(YAMLProblem(line: line, message: message))
    isComplete = false
  }
}

/// The keys seen in one mapping: few are searched in place, many through a table.
private struct KeyLines {
  private static let fewKeys = 8
  private var table: [String: Int] = [:]

  /// The line of `key` in `entries`, whose keys are unique and only ever grow in number.
  mutating func line(of key: String, among entries: [YAMLEntry]) -> Int? {
    guard entries.count > Self.fewKeys else { return entries.first { $0.key == key }?.keyLine }
    for entry in entries[table.count...] { table[entry.key] = entry.keyLine }
    return table[key]
  }
}
