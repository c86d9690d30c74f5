/// Walks one JSON text (RFC 8259) in place, so that a value can be cut out byte by byte: numbers keep every digit,
/// and no part of a secret is copied but the part that was asked for.
struct JSONScanner {
  /// Arrays and objects inside each other.
  static let maximumDepth = 64

  /// The text breaks the grammar or the depth limit.
  struct Malformed: Error {}

  private(set) var offset = 0
  private var depth = 0

  /// Checks that `text` is one JSON value with nothing but white space around it.
  static func validate(_ text: RawSpan) throws(Malformed) {
    var scanner = JSONScanner()
    guard text.isUTF8 else { throw Malformed() }
    scanner.skipSpace(text)
    _ = try scanner.value(text)
    guard scanner.offset == text.byteCount else { throw Malformed() }
  }

  /// Where the value at `offset` stands; then moves behind it and the space after it.
  mutating func value(_ text: RawSpan) throws(Malformed) -> Range<Int> {
    let start = offset
    switch peek(text) {
    case UInt8(ascii: "{"): try members(text) { (_, _) throws(Malformed) in false }
    case UInt8(ascii: "["): try elements(text) { (_, _) throws(Malformed) in false }
    case UInt8(ascii: "\""): try string(text)
    case UInt8(ascii: "t"): try literal("true", text)
    case UInt8(ascii: "f"): try literal("false", text)
    case UInt8(ascii: "n"): try literal("null", text)
    default: try number(text)
    }
    let end = offset
    skipSpace(text)
    return start..<end
  }

  /// Shows each member's name, quotes included, and value to `visit` until that returns true.
  mutating func members(
    _ text: RawSpan, _ visit: (_ name: Range<Int>, _ value: Range<Int>) throws(Malformed) -> Bool
  ) throws(Malformed) {
    try list(text, UInt8(ascii: "{"), UInt8(ascii: "}")) { (scanner) throws(Malformed) in
      let start = scanner.offset
      try scanner.string(text)
      let name = start..<scanner.offset
      scanner.skipSpace(text)
      try scanner.expect(UInt8(ascii: ":"), text)
      scanner.skipSpace(text)
      return try visit(name, try scanner.value(text))
    }
  }

  /// Shows each element's index and value to `visit` until that returns true.
  mutating func elements(
    _ text: RawSpan, _ visit: (_ index: Int, _ value: Range<Int>) throws(Malformed) -> Bool
  ) throws(Malformed) {
    var index = 0
    try list(text, UInt8(ascii: "["), UInt8(ascii: "]")) { (scanner) throws(Malformed) in
      defer { index += 1 }
      return try visit(index, try scanner.value(text))
    }
  }

  private mutating func list(
    _ text: RawSpan, _ first: UInt8, _ last: UInt8, _ item: (inout JSONScanner) throws(Malformed) -> Bool
  ) throws(Malformed) {
    depth += 1
    guard depth <= Self.maximumDepth else { throw Malformed() }
    try expect(first, text)
    skipSpace(text)
    if peek(text) != last {
      while true {
        if try item(&self) { return }
        guard peek(text) == UInt8(ascii: ",") else { break }
        offset += 1
        skipSpace(text)
      }
    }
    try expect(last, text)
    depth -= 1
  }

  private mutating func string(_ text: RawSpan) throws(Malformed) {
    try expect(UInt8(ascii: "\""), text)
    while let byte = peek(text) {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""): return
      case 0x00..<0x20: throw Malformed()
      case UInt8(ascii: "\\"):
        guard let escape = peek(text) else { throw Malformed() }
        offset += 1
        if escape == UInt8(ascii: "u") {
          guard JSONString.codeUnit(text, at: offset) != nil else { throw Malformed() }
          offset += 4
        } else if !"\"\\/bfnrt".utf8.contains(escape) {
          throw Malformed()
        }
      default: break
      }
    }
    throw Malformed()
  }

  private mutating func number(_ text: RawSpan) throws(Malformed) {
    if peek(text) == UInt8(ascii: "-") { offset += 1 }
    if peek(text) == UInt8(ascii: "0") { offset += 1 } else { try digits(text) }
    if peek(text) == UInt8(ascii: ".") {
      offset += 1
      try digits(text)
    }
    if let byte = peek(text), byte | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if let sign = peek(text), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
      try digits(text)
    }
  }

  private mutating func digits(_ text: RawSpan) throws(Malformed) {
    let start = offset
    while let byte = peek(text), (0x30...0x39).contains(byte) { offset += 1 }
    guard offset > start else { throw Malformed() }
  }

  private mutating func literal(_ word: StaticString, _ text: RawSpan) throws(Malformed) {
    for byte in word.description.utf8 { try expect(byte, text) }
  }

  private mutating func expect(_ byte: UInt8, _ text: RawSpan) throws(Malformed) {
    guard peek(text) == byte else { throw Malformed() }
    offset += 1
  }

  private mutating func skipSpace(_ text: RawSpan) {
    while let byte = peek(text), JSONScanner.isSpace(byte) { offset += 1 }
  }

  private func peek(_ text: RawSpan) -> UInt8? {
    offset < text.byteCount ? text.unsafeLoad(fromByteOffset: offset, as: UInt8.self) : nil
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
