/// Go's quoted texts (The Go Programming Language Specification, "String literals").
struct GoLiteral {
  private let source: [UInt8]
  private let quote: UInt8
  /// Behind the closing quote once it was read.
  private(set) var offset: Int

  /// Begins behind the opening `quote`.
  init(_ source: [UInt8], at offset: Int, quote: UInt8) {
    self.source = source
    self.offset = offset
    self.quote = quote
  }

  /// The content; nil when there is no closing quote, or a wrong escape.
  mutating func read() -> [UInt8]? {
    var bytes: [UInt8] = []
    while offset < source.count {
      let byte = source[offset]
      offset += 1
      if byte == quote { return bytes }
      guard quote != UInt8(ascii: "`") else {
        bytes.append(byte)
        continue
      }
      if byte == UInt8(ascii: "\n") { return nil }
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard let escaped = escape() else { return nil }
      bytes += escaped
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    guard offset < source.count else { return nil }
    let byte = source[offset]
    offset += 1
    switch byte {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "a"): return [0x07]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "v"): return [0x0B]
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return [byte]
    case UInt8(ascii: "x"): return digits(2).map { [UInt8(truncatingIfNeeded: $0)] }
    case UInt8(ascii: "u"): return digits(4).flatMap(Self.encoded)
    case UInt8(ascii: "U"): return digits(8).flatMap(Self.encoded)
    default: return nil
    }
  }

  private mutating func digits(_ count: Int) -> UInt32? {
    guard offset + count <= source.count else { return nil }
    let text = String(decoding: source[offset..<offset + count], as: UTF8.self)
    offset += count
    guard text.utf8.first != UInt8(ascii: "+"), text.utf8.first != UInt8(ascii: "-") else { return nil }
    return UInt32(text, radix: 16)
  }

  private static func encoded(_ value: UInt32) -> [UInt8]? {
    Unicode.Scalar(value).flatMap { UTF8.encode($0).map(Array.init) }
  }
}
