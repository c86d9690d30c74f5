/// Reads one JSON text (RFC 8259, in UTF-8) event by event: strictly, in one pass, in time linear in the text's length.
///
/// Nothing is kept of the text: each call is shown it again. A text is valid only when the event ``Event/end`` has
/// come; what came before a throw is worth nothing. It does not recurse, and an object that names a member twice is
/// refused at its end: readers that pick different ones must not disagree about a token.
public struct JSONReader: ~Copyable {
  /// What comes next in the text.
  public enum Event {
    case null
    case bool(Bool)
    case number(Double)
    case string(JSONText)
    case beginArray
    case endArray
    case beginObject
    /// A member's name; its value comes next.
    case name(JSONText)
    case endObject
    /// The text is at its end, and valid. It comes again with each further call.
    case end
  }

  private enum Expected { case value, elementOrEnd, memberOrEnd, separatorOrEnd }

  let byteCount: Int
  private let maximumDepth: Int
  /// Where the reader is in the text, in bytes: behind what it has read, so that a value's own spelling ends here.
  public internal(set) var offset = 0
  /// The strings that had escapes, one after the other.
  var decoded: [UInt8] = []
  private var expected = Expected.value
  private(set) var stack = JSONStack()

  /// Starts at the beginning of `text`.
  public init(
    _ text: RawSpan, maximumDepth: Int = JSONValue.defaultMaximumDepth,
    maximumByteCount: Int = JSONValue.defaultMaximumByteCount
  ) throws(JSONError) {
    guard text.byteCount <= maximumByteCount else { throw .tooLarge(limit: maximumByteCount) }
    byteCount = text.byteCount
    self.maximumDepth = maximumDepth
  }

  /// Reads on. `text` is the one that the reader was made for.
  public mutating func next(in text: RawSpan) throws(JSONError) -> Event {
    precondition(text.byteCount == byteCount)
    let byte = skipSpace(in: text)
    switch expected {
    case .value: return try value(byte, in: text)
    case .elementOrEnd: return byte == UInt8(ascii: "]") ? try close(byte, in: text) : try value(byte, in: text)
    case .memberOrEnd: return byte == UInt8(ascii: "}") ? try close(byte, in: text) : try name(byte, in: text)
    case .separatorOrEnd:
      guard let isInArray = stack.isInArray else {
        guard offset == byteCount else { throw .malformed }
        return .end
      }
      guard byte == UInt8(ascii: ",") else { return try close(byte, in: text) }
      offset += 1
      let byte = skipSpace(in: text)
      return isInArray ? try value(byte, in: text) : try name(byte, in: text)
    }
  }

  /// Reads on to the end of the value that `event` began.
  public mutating func skip(_ event: Event, in text: RawSpan) throws(JSONError) {
    var depth = 0
    var event = event
    while true {
      switch event {
      case .beginArray, .beginObject: depth += 1
      case .endArray, .endObject: depth -= 1
      default: break
      }
      if depth <= 0 { return }
      event = try next(in: text)
    }
  }

  /// The byte at `offset`; 0, which no JSON text holds outside of strings, at the end.
  func byte(at offset: Int, in text: RawSpan) -> UInt8 {
    offset < byteCount ? text.unsafeLoad(fromByteOffset: offset, as: UInt8.self) : 0
  }

  private mutating func skipSpace(in text: RawSpan) -> UInt8 {
    while true {
      let byte = byte(at: offset, in: text)
      if byte > UInt8(ascii: " ") { return byte }
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): offset += 1
      default: return byte
      }
    }
  }

  private mutating func value(_ byte: UInt8, in text: RawSpan) throws(JSONError) -> Event {
    expected = .separatorOrEnd
    switch byte {
    case UInt8(ascii: "\""): return .string(try readString(in: text))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try readNumber(in: text))
    case UInt8(ascii: "{"):
      try open(isArray: false)
      expected = .memberOrEnd
      return .beginObject
    case UInt8(ascii: "["):
      try open(isArray: true)
      expected = .elementOrEnd
      return .beginArray
    case UInt8(ascii: "t"):
      try readLiteral("true", in: text)
      return .bool(true)
    case UInt8(ascii: "f"):
      try readLiteral("false", in: text)
      return .bool(false)
    case UInt8(ascii: "n"):
      try readLiteral("null", in: text)
      return .null
    default: throw .malformed
    }
  }

  private mutating func name(_ byte: UInt8, in text: RawSpan) throws(JSONError) -> Event {
    guard byte == UInt8(ascii: "\"") else { throw .malformed }
    let name = try readString(in: text)
    guard skipSpace(in: text) == UInt8(ascii: ":") else { throw .malformed }
    offset += 1
    stack.push(name)
    expected = .value
    return .name(name)
  }

  private mutating func open(isArray: Bool) throws(JSONError) {
    guard stack.depth < maximumDepth else { throw .tooDeep(limit: maximumDepth) }
    stack.open(isArray: isArray)
    offset += 1
  }

  private mutating func close(_ byte: UInt8, in text: RawSpan) throws(JSONError) -> Event {
    guard let isInArray = stack.isInArray, byte == (isInArray ? UInt8(ascii: "]") : UInt8(ascii: "}")) else {
      throw .malformed
    }
    offset += 1
    expected = .separatorOrEnd
    guard isInArray || !hasDuplicateNames(in: text) else { throw .duplicateMember }
    stack.close()
    return isInArray ? .endArray : .endObject
  }

  private mutating func readLiteral(_ literal: StaticString, in text: RawSpan) throws(JSONError) {
    let end = offset + literal.utf8CodeUnitCount
    guard end <= byteCount, isEqual(JSONText(offset: offset, count: end - offset, isDecoded: false), literal, in: text)
    else { throw .malformed }
    offset = end
  }
}
