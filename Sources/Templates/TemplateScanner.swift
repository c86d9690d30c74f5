/// Cuts a template into words, within the delimiters; the parser decides what they mean.
struct TemplateScanner {
  enum Word: Equatable {
    case identifier(String)
    /// `.name`; without white space before it belongs to what stands there.
    case field(String, isAttached: Bool)
    case dot
    /// Without the dollar; empty for `$` alone.
    case variable(String)
    case text([UInt8])
    case integer(Int64)
    case float(Double)
    case open
    case close
    case pipe
    case comma
    case declare
    case assign
    /// `}}`.
    case end
  }

  let source: [UInt8]
  private(set) var offset = 0
  /// Whether `-}}` was met: white space after it goes.
  private var trimsNext = false

  init(_ source: [UInt8]) { self.source = source }

  var isAtEnd: Bool { offset >= source.count }

  /// The text up to the next `{{`, with the white space gone that the delimiters take away; the scanner then stands
  /// behind the delimiter, comments passed over. `isAction` is false at the end of the template.
  mutating func text() throws(TemplateError) -> (text: [UInt8], isAction: Bool) {
    var result: [UInt8] = []
    while true {
      let start = offset
      let found = find("{{", from: start)
      var piece = source[start..<(found ?? source.count)]
      if trimsNext { piece = piece.drop(while: Self.isSpace) }
      trimsNext = false
      guard let found else {
        offset = source.count
        return (result + piece, false)
      }
      offset = found + 2
      if peek() == UInt8(ascii: "-"), Self.isSpace(peek(1)) {
        offset += 1
        while let last = piece.last, Self.isSpace(last) { piece.removeLast() }
      }
      result += piece
      guard try skipComment() else { return (result, true) }
    }
  }

  private mutating func skipComment() throws(TemplateError) -> Bool {
    let start = offset
    var place = offset
    while Self.isSpace(at(place)) { place += 1 }
    guard at(place) == UInt8(ascii: "/"), at(place + 1) == UInt8(ascii: "*") else { return false }
    guard let end = find("*/", from: place + 2) else { throw fault(start, "the comment has no */") }
    offset = end + 2
    guard try word() == .end else { throw fault(start, "a comment must end right before }}") }
    return true
  }

  /// The next word within an action.
  mutating func word() throws(TemplateError) -> Word {
    let start = offset
    while Self.isSpace(peek()) { offset += 1 }
    let isAttached = start == offset
    if peek() == UInt8(ascii: "-"), at(offset + 1) == UInt8(ascii: "}"), at(offset + 2) == UInt8(ascii: "}"),
      !isAttached
    {
      offset += 3
      trimsNext = true
      return .end
    }
    guard let byte = peek() else { throw fault(start, "the action has no }}") }
    switch byte {
    case UInt8(ascii: "}") where peek(1) == UInt8(ascii: "}"):
      offset += 2
      return .end
    case UInt8(ascii: "("): return single(.open)
    case UInt8(ascii: ")"): return single(.close)
    case UInt8(ascii: "|"): return single(.pipe)
    case UInt8(ascii: ","): return single(.comma)
    case UInt8(ascii: "="): return single(.assign)
    case UInt8(ascii: ":") where peek(1) == UInt8(ascii: "="):
      offset += 2
      return .declare
    case UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "'"): return try literal(byte)
    case UInt8(ascii: "$"):
      offset += 1
      return .variable(name())
    case UInt8(ascii: ".") where !Self.isDigit(peek(1)):
      offset += 1
      let field = name()
      return field.isEmpty ? .dot : .field(field, isAttached: isAttached)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      return try number()
    default:
      let word = name()
      guard !word.isEmpty else { throw fault(offset, "an unexpected character") }
      return .identifier(word)
    }
  }

  private mutating func single(_ word: Word) -> Word {
    offset += 1
    return word
  }

  private mutating func name() -> String {
    let start = offset
    while let byte = peek(), byte >= 0x80 || byte == UInt8(ascii: "_") || Self.isAlphanumeric(byte) { offset += 1 }
    return String(decoding: source[start..<offset], as: UTF8.self)
  }

  private mutating func literal(_ quote: UInt8) throws(TemplateError) -> Word {
    let start = offset
    var literal = GoLiteral(source, at: offset + 1, quote: quote)
    guard let bytes = literal.read() else { throw fault(start, "the quoted text is not closed, or has a wrong escape") }
    offset = literal.offset
    guard quote == UInt8(ascii: "'") else { return .text(bytes) }
    let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
    guard let scalar = scalars.first, scalars.count == 1 else { throw fault(start, "'…' must hold one character") }
    return .integer(Int64(scalar.value))
  }

  private mutating func number() throws(TemplateError) -> Word {
    let start = offset
    while let byte = peek(), Self.isAlphanumeric(byte) || "+-._".utf8.contains(byte) {
      let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      // A sign stands first, or after an exponent's letter.
      if isSign, offset > start, at(offset - 1) != UInt8(ascii: "e"), at(offset - 1) != UInt8(ascii: "E") { break }
      offset += 1
    }
    let text = String(decoding: source[start..<offset], as: UTF8.self)
    let digits = text.drop { $0 == "+" || $0 == "-" }
    let isNegative = text.hasPrefix("-")
    if digits.lowercased().hasPrefix("0x"), let value = Int64(digits.dropFirst(2), radix: 16) {
      return .integer(isNegative ? -value : value)
    }
    if let value = Int64(text) { return .integer(value) }
    if let value = Double(text), value.isFinite { return .float(value) }
    throw fault(start, "a number that cannot be read")
  }

  func fault(_ offset: Int, _ message: String) -> TemplateError { TemplateError(source, at: offset, message) }

  private func at(_ offset: Int) -> UInt8? { offset < source.count ? source[offset] : nil }

  private func peek(_ ahead: Int = 0) -> UInt8? { at(offset + ahead) }

  private func find(_ text: StaticString, from start: Int) -> Int? {
    let (first, second) = text.withUTF8Buffer { ($0[0], $0[1]) }
    var place = start
    while place + 1 < source.count {
      if source[place] == first, source[place + 1] == second { return place }
      place += 1
    }
    return nil
  }

  static func isSpace(_ byte: UInt8?) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

  private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
  }
}
