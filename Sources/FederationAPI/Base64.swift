import CLinux

/// Base64 with padding (RFC 4648 sections 4 and 5) in which CR and LF are skipped, as Go's decoder does.
public enum Base64 {
  /// The two alphabets.
  public enum Alphabet: Sendable {
    /// With `+` and `/` (section 4).
    case standard
    /// With `-` and `_` (section 5).
    case url
  }

  /// The bytes, or nil when the text is not base64.
  public static func decode(_ text: String.UTF8View) -> [UInt8]? {
    let text = text.span.bytes
    var isValid = false
    let bytes = [UInt8](unsafeUninitializedCapacity: room(for: text)) { room, count in
      guard let decoded = decode(text, .standard, into: UnsafeMutableRawBufferPointer(room)) else { return }
      isValid = true
      count = decoded
    }
    return isValid ? bytes : nil
  }

  /// The bytes of a text that is secret, as they are; nil when it is not base64 of that alphabet. Leaves no copy behind.
  public static func decode(_ text: SecretBytes, _ alphabet: Alphabet) -> SecretBytes? {
    text.withBytes { text in
      withUnsafeTemporaryAllocation(byteCount: room(for: text), alignment: 1) { room in
        defer { if let start = room.baseAddress { explicit_bzero(start, room.count) } }
        guard let count = decode(text, alphabet, into: room) else { return nil }
        return SecretBytes(UnsafeRawBufferPointer(rebasing: room[..<count]).bytes)
      }
    }
  }

  /// More bytes than `text` can stand for.
  private static func room(for text: RawSpan) -> Int { text.byteCount / 4 * 3 + 3 }

  /// How many bytes were decoded into `room`, which is large enough; nil when the text is wrong.
  private static func decode(_ text: RawSpan, _ alphabet: Alphabet, into room: UnsafeMutableRawBufferPointer) -> Int? {
    var (pending, digits, padding, count) = (UInt32(0), 0, 0, 0)
    for offset in 0..<text.byteCount {
      let byte = text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") { continue }
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let digit = digit(byte, alphabet) else { return nil }
      pending = pending << 6 | digit
      digits += 1
      guard digits == 4 else { continue }
      for shift in [UInt32(16), 8, 0] {
        room[count] = UInt8(truncatingIfNeeded: pending >> shift)
        count += 1
      }
      digits = 0
    }
    switch (digits, padding) {
    case (0, 0): return count
    case (2, 2):
      room[count] = UInt8(truncatingIfNeeded: pending >> 4)
      return count + 1
    case (3, 1):
      room[count] = UInt8(truncatingIfNeeded: pending >> 10)
      room[count + 1] = UInt8(truncatingIfNeeded: pending >> 2)
      return count + 2
    default: return nil
    }
  }

  private static func digit(_ byte: UInt8, _ alphabet: Alphabet) -> UInt32? {
    switch (byte, alphabet) {
    case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): UInt32(byte - UInt8(ascii: "A"))
    case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): UInt32(byte - UInt8(ascii: "a") + 26)
    case (UInt8(ascii: "0")...UInt8(ascii: "9"), _): UInt32(byte - UInt8(ascii: "0") + 52)
    case (UInt8(ascii: "+"), .standard), (UInt8(ascii: "-"), .url): 62
    case (UInt8(ascii: "/"), .standard), (UInt8(ascii: "_"), .url): 63
    default: nil
    }
  }
}
