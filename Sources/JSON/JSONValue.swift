import FoundationEssentials

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
  case object([String: JSONValue])

  /// The longest text that is read unless a caller says otherwise: 1 MiB.
  public static let defaultMaximumByteCount = 1 << 20
  /// The deepest nesting that is read unless a caller says otherwise.
  public static let defaultMaximumDepth = 32

  /// Reads one JSON text in UTF-8. Size and depth are checked before anything is decoded, and an object that
  /// names a member twice is refused: readers that pick different ones must not disagree about a token.
  public static func parse(
    _ text: RawSpan, maximumDepth: Int = defaultMaximumDepth, maximumByteCount: Int = defaultMaximumByteCount
  ) throws(JSONError) -> JSONValue {
    guard text.byteCount <= maximumByteCount else { throw .tooLarge(limit: maximumByteCount) }
    let shape = try JSONShape(scanning: text, maximumDepth: maximumDepth)
    let value: JSONValue
    do {
      value = try JSONDecoder().decode(JSONValue.self, from: text.withUnsafeBytes { Data($0) })
    } catch {
      throw .malformed
    }
    guard value.memberCount == shape.memberCount else { throw .duplicateMember }
    return value
  }

  /// As the other form, for an array.
  public static func parse(
    _ text: [UInt8], maximumDepth: Int = defaultMaximumDepth, maximumByteCount: Int = defaultMaximumByteCount
  ) throws(JSONError) -> JSONValue {
    try parse(text.span.bytes, maximumDepth: maximumDepth, maximumByteCount: maximumByteCount)
  }

  private var memberCount: Int {
    switch self {
    case .array(let values): values.reduce(0) { $0 + $1.memberCount }
    case .object(let members): members.values.reduce(members.count) { $0 + $1.memberCount }
    case .null, .bool, .number, .string: 0
    }
  }
}

extension JSONValue: Decodable {
  /// Reads any value; the order of the attempts only decides the speed, since JSON's types exclude each other.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .string(text)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let members = try? container.decode([String: JSONValue].self) {
      self = .object(members)
    } else if let values = try? container.decode([JSONValue].self) {
      self = .array(values)
    } else if let bool = try? container.decode(Bool.self) {
      self = .bool(bool)
    } else if container.decodeNil() {
      self = .null
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no JSON value")
    }
  }
}
