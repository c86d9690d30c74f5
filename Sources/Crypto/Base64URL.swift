/// Base64url without padding (RFC 4648 section 5, RFC 7515 section 2).
public enum Base64URL {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// What each character stands for at each of the four places of a group, in the group's 24 bits; the highest bit is
  /// set for what is no character of the alphabet.
  private static let values: [UInt32] = {
    var values = [UInt32](repeating: invalid, count: 4 * 256)
    for (value, character) in alphabet.enumerated() {
      for place in 0..<4 { values[place * 256 + Int(character)] = UInt32(value) << UInt32(18 - 6 * place) }
    }
    return values
  }()
  private static let invalid: UInt32 = 1 << 31

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
    let tail = text.byteCount % 4
    guard tail != 1 else { return nil }
    let byteCount = text.byteCount / 4 * 3 + max(0, tail - 1)
    // Room first and then a copy: an array that is made with its bytes looks its type up at run time, which takes
    // longer.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { output in
      let isValid = text.withUnsafeBytes { input in values.withUnsafeBufferPointer { decode(input, $0, output) } }
      guard isValid else { return nil }
      bytes.append(contentsOf: UnsafeBufferPointer(output))
      return bytes
    }
  }

  /// Fills `output`, four characters at a time; false when the text is not base64url.
  private static func decode(
    _ input: UnsafeRawBufferPointer, _ values: UnsafeBufferPointer<UInt32>, _ output: UnsafeMutableBufferPointer<UInt8>
  ) -> Bool {
    func value(_ index: Int, _ place: Int) -> UInt32 { values[place &<< 8 | Int(input[index &+ place])] }
    // Kept together and looked at once at the end: what is invalid is decoded to nothing of use, and then dropped.
    var seen: UInt32 = 0
    var index = 0
    var count = 0
    let groupsEnd = input.count & ~3
    while index < groupsEnd {
      let group = value(index, 0) | value(index, 1) | value(index, 2) | value(index, 3)
      seen |= group
      output[count] = UInt8(truncatingIfNeeded: group &>> 16)
      output[count &+ 1] = UInt8(truncatingIfNeeded: group &>> 8)
      output[count &+ 2] = UInt8(truncatingIfNeeded: group)
      index &+= 4
      count &+= 3
    }
    var spare: UInt32 = 0
    if index < input.count {
      let hasThird = index + 2 < input.count
      let group = value(index, 0) | value(index, 1) | (hasThird ? value(index, 2) : 0)
      seen |= group
      spare = group & (hasThird ? 0xFF : 0xFFFF)
      output[count] = UInt8(truncatingIfNeeded: group >> 16)
      if hasThird { output[count + 1] = UInt8(truncatingIfNeeded: group >> 8) }
    }
    return seen & invalid == 0 && spare == 0
  }

  /// As the other form, for a part of a larger text.
  public static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? { decode(text.span.bytes) }

  /// As the other form, for text.
  public static func decode(_ text: String) -> [UInt8]? { decode(text.utf8.span.bytes) }
}
