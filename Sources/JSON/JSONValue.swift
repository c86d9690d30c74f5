/// A JSON value (RFC 8259) of unknown shape.
public enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// Any number; integers are exact up to 2^53.
  case number(Double)
  /// A text.
  case string(String)
  /// An ordered list.
  case array([JSONValue])
  /// Members by name.
  case object([JSONName: JSONValue])

  /// The longest text that is read unless a caller says otherwise: 1 MiB.
  public static let defaultMaximumByteCount = 1 << 20
  /// The deepest nesting that is read unless a caller says otherwise.
  public static let defaultMaximumDepth = 32
  /// The deepest nesting that is read whatever a caller says: a tree is released, compared and written recursively.
  public static let greatestMaximumDepth = 512

  /// Reads one JSON text in UTF-8, as ``JSONReader`` does.
  public static func parse(
    _ text: RawSpan, maximumDepth: Int = defaultMaximumDepth, maximumByteCount: Int = defaultMaximumByteCount
  ) throws(JSONError) -> JSONValue {
    var reader = try JSONReader(
      text, maximumDepth: min(maximumDepth, greatestMaximumDepth), maximumByteCount: maximumByteCount)
    var tree = JSONTree()
    while true {
      let event = try reader.next(in: text)
      switch event {
      case .null: tree.values.append(.null)
      case .bool(let bool): tree.values.append(.bool(bool))
      case .number(let number): tree.values.append(.number(number))
      case .string(let part): tree.values.append(.string(reader.string(part, in: text)))
      case .name(let part): tree.names.append(JSONName(reader.string(part, in: text)))
      case .beginArray, .beginObject: tree.open.append((tree.values.count, tree.names.count))
      case .endArray: tree.endArray()
      case .endObject: tree.endObject()
      case .end: return tree.values[0]
      }
    }
  }

  /// As the other form, for an array.
  public static func parse(
    _ text: [UInt8], maximumDepth: Int = defaultMaximumDepth, maximumByteCount: Int = defaultMaximumByteCount
  ) throws(JSONError) -> JSONValue {
    try parse(text.span.bytes, maximumDepth: maximumDepth, maximumByteCount: maximumByteCount)
  }
}

/// A tree that grows from its leaves: what is complete but not yet part of something that is.
private struct JSONTree {
  var values: [JSONValue] = []
  var names: [JSONName] = []
  /// How many values and names there were before each array or object that is open.
  var open: [(values: Int, names: Int)] = []

  mutating func endArray() {
    guard let start = open.popLast() else { return }
    let array = Array(values[start.values...])
    values.removeSubrange(start.values...)
    values.append(.array(array))
  }

  mutating func endObject() {
    guard let start = open.popLast() else { return }
    let members = Dictionary(
      zip(names[start.names...], values[start.values...]), uniquingKeysWith: { first, _ in first })
    values.removeSubrange(start.values...)
    names.removeSubrange(start.names...)
    values.append(.object(members))
  }
}
