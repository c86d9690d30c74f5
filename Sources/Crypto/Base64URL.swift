/// Base64url without padding (RFC 4648 section 5, RFC 7515 section 2).
public enum Base64URL {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()

  /// The text form of `bytes`.
  public static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var pending: UInt32 = 0
    var bits = 0
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[Int(pending >> UInt32(bits) & 0x3F)])
      }
    }
    if bits > 0 { text.append(alphabet[Int(pending << UInt32(6 - bits) & 0x3F)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes that `text` stands for; nil for padding, white space, other characters, impossible lengths, and
  /// spare bits that are not zero, so that each value has one spelling only.
  public static func decode(_ text: RawSpan) -> [UInt8]? {
    guard text.byteCount % 4 != 1 else { return nil }
    return text.withUnsafeBytes { characters in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(characters.count * 3 / 4)
      var pending: UInt32 = 0
      var bits = 0
      for character in characters {
        let value = values[Int(character)]
        guard value != 0xFF else { return nil }
        pending = pending << 6 | UInt32(value)
        bits += 6
        if bits >= 8 {
          bits -= 8
          bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
        }
      }
      guard pending & (1 << UInt32(bits) - 1) == 0 else { return nil }
      return bytes
    }
  }

  /// As the other form, for a part of a larger text.
  public static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? { decode(text.span.bytes) }

  /// As the other form, for text.
  public static func decode(_ text: String) -> [UInt8]? { decode(text.utf8.span.bytes) }
}
