/// Bytes as text in groups of bits (RFC 4648), as passwords and templates write them.
enum TextEncoding {
  case base64, base64url, base32, hex

  private var alphabet: [UInt8] {
    switch self {
    case .base64: Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    case .base64url: Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    case .base32: Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    case .hex: Array("0123456789abcdef".utf8)
    }
  }

  /// Bits that a character stands for.
  private var bits: Int {
    switch self {
    case .base64, .base64url: 6
    case .base32: 5
    case .hex: 4
    }
  }

  /// Characters that make whole bytes; a text's last group is filled with `=`.
  private var group: Int {
    switch self {
    case .base64, .base64url: 4
    case .base32: 8
    case .hex: 2
    }
  }

  /// The text form of `bytes`, padded.
  func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let alphabet = alphabet
    var text: [UInt8] = []
    var pending = 0
    var count = 0
    for byte in bytes {
      pending = (pending << 8 | Int(byte)) & 0xFFFF
      count += 8
      while count >= bits {
        count -= bits
        text.append(alphabet[pending >> count & (1 << bits - 1)])
      }
    }
    if count > 0 { text.append(alphabet[pending << (bits - count) & (1 << bits - 1)]) }
    while text.count % group != 0 { text.append(UInt8(ascii: "=")) }
    return text
  }

  /// The bytes of a base32 text in the ways that people write seeds: either case, padding or none, spaces and hyphens
  /// between; nil for other characters, padding within the text, and lengths that no bytes have.
  static func decodeBase32(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var pending = 0
    var count = 0
    var characters = 0
    var isPadded = false
    for character in text {
      let value: UInt8
      switch character {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a")
      case UInt8(ascii: "2")...UInt8(ascii: "7"): value = character - UInt8(ascii: "2") + 26
      case UInt8(ascii: "="):
        isPadded = true
        continue
      case UInt8(ascii: " "), UInt8(ascii: "-"), 0x09, 0x0A, 0x0D: continue
      default: return nil
      }
      guard !isPadded else { return nil }
      characters += 1
      pending = (pending << 5 | Int(value)) & 0xFFFF
      count += 5
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> count))
      }
    }
    // One, three or six characters past the last whole group stand for no whole byte.
    return [1, 3, 6].contains(characters % 8) ? nil : bytes
  }
}
