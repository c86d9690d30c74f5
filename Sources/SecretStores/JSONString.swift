/// The content of a JSON string (RFC 8259 section 7).
enum JSONString {
  /// Decodes `quoted`, a valid string with its quotes. Half a surrogate pair becomes U+FFFD.
  static func decoded(_ quoted: RawSpan) -> [UInt8] {
    var result: [UInt8] = []
    // A string never grows when it is decoded; growing the array would leave copies behind.
    result.reserveCapacity(quoted.byteCount)
    var offset = 1
    while offset < quoted.byteCount - 1 {
      let byte = quoted.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      offset += 1
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      let escape = quoted.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      offset += 1
      switch escape {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        result.append(contentsOf: UTF8.encode(scalar(quoted, &offset)) ?? UTF8.encodedReplacementCharacter)
      default: result.append(escape)
      }
    }
    return result
  }

  /// The four hexadecimal digits at `offset`, or nil when they are not all there.
  static func codeUnit(_ text: RawSpan, at offset: Int) -> UInt32? {
    guard offset + 4 <= text.byteCount else { return nil }
    var unit: UInt32 = 0
    for index in offset..<offset + 4 {
      let byte = text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      switch byte {
      case 0x30...0x39: unit = unit << 4 | UInt32(byte - 0x30)
      case 0x41...0x46, 0x61...0x66: unit = unit << 4 | UInt32((byte | 0x20) - 0x61 + 10)
      default: return nil
      }
    }
    return unit
  }

  /// Reads `uXXXX`, whose `u` is just behind, and the second half of a pair when there is one.
  private static func scalar(_ quoted: RawSpan, _ offset: inout Int) -> Unicode.Scalar {
    let replacement: Unicode.Scalar = "\u{FFFD}"
    guard let unit = codeUnit(quoted, at: offset) else { return replacement }
    offset += 4
    guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) ?? replacement }
    let hasEscape =
      offset + 6 < quoted.byteCount && quoted.unsafeLoad(fromByteOffset: offset, as: UInt8.self) == UInt8(ascii: "\\")
      && quoted.unsafeLoad(fromByteOffset: offset + 1, as: UInt8.self) == UInt8(ascii: "u")
    guard hasEscape, let low = codeUnit(quoted, at: offset + 2), (0xDC00..<0xE000).contains(low) else {
      return replacement
    }
    offset += 6
    return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? replacement
  }
}
