import CYAML

/// Turns the events of one document into its tree.
///
/// What is wrong with a single value is noted and reading goes on, so that one pass finds every such fault.
struct TreeBuilder: ~Copyable {
  private(set) var problems: [YAMLProblem] = []
  /// False when a value was left out, so that the tree is not what the file says.
  private(set) var isComplete = true
  private let limits: YAMLLimits
  private var values = 0

  init(_ limits: YAMLLimits) { self.limits = limits }

  /// The document's root; to be called after the document's start event.
  mutating func root(
    from parser: borrowing EventParser, reusing texts: inout RepeatedText
  ) throws(YAMLProblem) -> YAMLNode? {
    try next(parser, &texts, depth: 0)
  }

  /// The next value with all that stands in it; nil at the end of the collection.
  private mutating func next(
    _ parser: borrowing EventParser, _ texts: inout RepeatedText, depth: Int
  ) throws(YAMLProblem) -> YAMLNode? {
    try parser.advance()
    let event = parser.event
    let line = parser.line
    let type = event.pointee.type
    if type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT { return nil }
    values += 1
    guard values <= limits.values else {
      throw YAMLProblem(line: line, message: "the document holds more than \(limits.values) values; split it")
    }
    switch type {
    case YAML_SCALAR_EVENT:
      return YAMLNode(scalar(event, &texts, line: line), line: line)
    case YAML_SEQUENCE_START_EVENT:
      check(tag: cyaml_tag(event), isOneOf: ["seq"], line: line)
      try check(depth: depth, line: line)
      var items: [YAMLNode] = []
      while let item = try next(parser, &texts, depth: depth + 1) { items.append(item) }
      return YAMLNode(.sequence(items), line: line)
    case YAML_MAPPING_START_EVENT:
      check(tag: cyaml_tag(event), isOneOf: ["map"], line: line)
      try check(depth: depth, line: line)
      return YAMLNode(.mapping(try entries(parser, &texts, depth: depth + 1)), line: line)
    case YAML_ALIAS_EVENT:
      note(line, "aliases (`*name`) are not supported; write the value out")
      return YAMLNode(.scalar("", isPlain: true), line: line)
    default:
      return nil
    }
  }

  private mutating func entries(
    _ parser: borrowing EventParser, _ texts: inout RepeatedText, depth: Int
  ) throws(YAMLProblem) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    var lines = KeyLines()
    while let key = try next(parser, &texts, depth: depth), let value = try next(parser, &texts, depth: depth) {
      guard case .scalar(let text, let isPlain) = key.content else {
        note(key.line, "a key must be text, not \(key.type.phrase); check for a stray `?`, `[` or `{`")
        continue
      }
      if let first = lines.line(of: text, among: entries) {
        add(key.line, "\(quoted(text)) is given twice, first on line \(first); remove one of them")
        continue
      }
      // Hardly any mapping has one entry.
      if entries.isEmpty { entries.reserveCapacity(2) }
      entries.append(YAMLEntry(key: text, keyLine: key.line, isKeyPlain: isPlain, value: value))
    }
    return entries
  }

  private mutating func scalar(
    _ event: UnsafePointer<yaml_event_t>, _ texts: inout RepeatedText, line: Int
  ) -> YAMLNode.Content {
    var isPlain = cyaml_scalar_is_plain(event) != 0
    if let tag = cyaml_tag(event) {
      let name = check(tag: tag, isOneOf: ["str", "int", "bool", "float", "null"], line: line)
      isPlain = isPlain && name != "str" && name != "!"
    }
    let bytes = UnsafeRawBufferPointer(start: cyaml_scalar_value(event), count: cyaml_scalar_length(event))
    return .scalar(texts.text(bytes), isPlain: isPlain)
  }

  private func check(depth: Int, line: Int) throws(YAMLProblem) {
    guard depth < YAMLLimits.depth else {
      throw YAMLProblem(line: line, message: "values are nested more than \(YAMLLimits.depth) deep; flatten them")
    }
  }

  @discardableResult
  private mutating func check(
    tag: UnsafePointer<UInt8>?, isOneOf known: @autoclosure () -> [String], line: Int
  ) -> String {
    guard let tag else { return "" }
    let text = String(cString: tag)
    let prefix = "tag:yaml.org,2002:"
    let name = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    if text != "!" && !known().contains(name) {
      let shown = text.hasPrefix(prefix) ? "!!\(name)" : text
      note(line, "the tag \(quoted(shown)) is not supported; remove it")
    }
    return name
  }

  private mutating func note(_ line: Int, _ message: @autoclosure () -> String) {
    add(line, message())
    isComplete = false
  }

  private mutating func add(_ line: Int, _ message: @autoclosure () -> String) {
    guard problems.count <= limits.problems else { return }
    let isLast = problems.count == limits.problems
    problems.append(
      YAMLProblem(line: line, message: isLast ? "more faults follow in this document; repair these first" : message()))
  }
}

/// The keys seen in one mapping: few are searched in place, many through a table.
private struct KeyLines {
  private static let fewKeys = 8
  private var table: [String: Int] = [:]

  /// The line of `key` in `entries`, whose keys are unique and only ever grow in number.
  mutating func line(of key: String, among entries: [YAMLEntry]) -> Int? {
    guard entries.count > Self.fewKeys else {
      for index in entries.indices where entries[index].key == key { return entries[index].keyLine }
      return nil
    }
    for entry in entries[table.count...] { table[entry.key] = entry.keyLine }
    return table[key]
  }
}
