extension JSONReader {
  /// Reads the string whose opening quote is at `offset`, up to behind its closing quote.
  mutating func readString(in text: RawSpan) throws(JSONError) -> JSONText {
    let start = offset + 1
    var end = start
    while true {
      end = plainEnd(from: end, in: text)
      switch byte(at: end, in: text) {
      case UInt8(ascii: "\""):
        offset = end + 1
        return JSONText(offset: start, count: end - start, isDecoded: false)
      case UInt8(ascii: "\\"): return try decodeString(from: start, firstEscape: end, in: text)
      case 0x80...: end = try scalarEnd(from: end, in: text)
      default: throw .malformed
      }
    }
  }

  /// As `readString`, for one that has to be copied because it has escapes.
  private mutating func decodeString(from start: Int, firstEscape: Int, in text: RawSpan) throws(JSONError) -> JSONText
  {
    let decodedStart = decoded.count
    var copied = start
    var end = firstEscape
    while true {
      switch byte(at: end, in: text) {
      case UInt8(ascii: "\""):
        copy(copied..<end, of: text)
        offset = end + 1
        return JSONText(offset: decodedStart, count: decoded.count - decodedStart, isDecoded: true)
      case UInt8(ascii: "\\"):
        copy(copied..<end, of: text)
        end = try decodeEscape(at: end, in: text)
        copied = end
      case 0x80...: end = try scalarEnd(from: end, in: text)
      default: throw .malformed
      }
      end = plainEnd(from: end, in: text)
    }
  }

  private mutating func copy(_ range: Range<Int>, of text: RawSpan) {
    text.extracting(range).withUnsafeBytes { decoded.append(contentsOf: $0) }
  }

  /// Decodes the escape at `start` and gives the offset behind it.
  private mutating func decodeEscape(at start: Int, in text: RawSpan) throws(JSONError) -> Int {
    switch byte(at: start + 1, in: text) {
    case UInt8(ascii: "\""): decoded.append(UInt8(ascii: "\""))
    case UInt8(ascii: "\\"): decoded.append(UInt8(ascii: "\\"))
    case UInt8(ascii: "/"): decoded.append(UInt8(ascii: "/"))
    case UInt8(ascii: "b"): decoded.append(0x08)
    case UInt8(ascii: "f"): decoded.append(0x0C)
    case UInt8(ascii: "n"): decoded.append(0x0A)
    case UInt8(ascii: "r"): decoded.append(0x0D)
    case UInt8(ascii: "t"): decoded.append(0x09)
    case UInt8(ascii: "u"):
      let unit = try codeUnit(at: start, in: text)
      if let scalar = Unicode.Scalar(unit) {
        decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        return start + 6
      }
      // Half of a pair: the other half must follow, also as an escape.
      guard (0xD800...0xDBFF).contains(unit), byte(at: start + 6, in: text) == UInt8(ascii: "\\") else {
        throw .malformed
      }
      let low = try codeUnit(at: start + 6, in: text)
      guard (0xDC00...0xDFFF).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
      else { throw .malformed }
      decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      return start + 12
    default: throw .malformed
    }
    return start + 2
  }

  /// The UTF-16 code unit of the escape `\uXXXX` at `start`.
  private func codeUnit(at start: Int, in text: RawSpan) throws(JSONError) -> UInt16 {
    guard byte(at: start + 1, in: text) == UInt8(ascii: "u") else { throw .malformed }
    var unit: UInt16 = 0
    for offset in start + 2..<start + 6 {
      let byte = byte(at: offset, in: text)
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
      default: throw .malformed
      }
    }
    return unit
  }

  /// The offset of the first byte from `start` on that is a quote, a backslash, a control character, or not ASCII.
  private func plainEnd(from start: Int, in text: RawSpan) -> Int {
    var end = start
    while end + 8 <= byteCount {
      let word = UInt64(littleEndian: text.unsafeLoadUnaligned(fromByteOffset: end, as: UInt64.self))
      // Eight bytes at once: a subtraction borrows out of a byte only behind one that is a hit itself, and the
      // first hit is all that counts.
      let ones: UInt64 = 0x0101_0101_0101_0101
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let control = (word &- ones &* 0x20) & ~word
      let hits =
        (control | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | word) & (ones &* 0x80)
      if hits != 0 { return end + hits.trailingZeroBitCount / 8 }
      end += 8
    }
    while end < byteCount {
      let byte = byte(at: end, in: text)
      if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
      end += 1
    }
    return end
  }

  /// The end of the scalar that a byte past ASCII begins (RFC 3629 section 4: shortest forms only, no surrogates).
  private func scalarEnd(from start: Int, in text: RawSpan) throws(JSONError) -> Int {
    var second: ClosedRange<UInt8> = 0x80...0xBF
    let count: Int
    switch byte(at: start, in: text) {
    case 0xC2...0xDF: count = 2
    case 0xE0: (count, second) = (3, 0xA0...0xBF)
    case 0xE1...0xEC, 0xEE...0xEF: count = 3
    case 0xED: (count, second) = (3, 0x80...0x9F)
    case 0xF0: (count, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: count = 4
    case 0xF4: (count, second) = (4, 0x80...0x8F)
    default: throw .malformed
    }
    guard second.contains(byte(at: start + 1, in: text)) else { throw .malformed }
    for offset in start + 2..<start + max(2, count) {
      guard (0x80...0xBF).contains(byte(at: offset, in: text)) else { throw .malformed }
    }
    return start + count
  }
}
