import FederationAPI
import Glibc

extension DecodingStrategy {
  /// `value` decoded, nil when it is not so encoded. CR and LF are skipped and padding is wanted, as Go has it.
  public func decode(_ value: SecretBytes) -> SecretBytes? {
    switch self {
    case .none: value
    case .base64: Self.base64(value, "+", "/")
    case .base64URL: Self.base64(value, "-", "_")
    case .auto: Self.base64(value, "+", "/") ?? Self.base64(value, "-", "_") ?? value
    }
  }

  private static func base64(_ value: SecretBytes, _ plus: Unicode.Scalar, _ slash: Unicode.Scalar) -> SecretBytes? {
    value.withBytes { text in
      withUnsafeTemporaryAllocation(byteCount: text.byteCount / 4 * 3 + 3, alignment: 1) { room in
        defer { if let start = room.baseAddress { explicit_bzero(start, room.count) } }
        guard let count = decode(text, UInt8(plus.value), UInt8(slash.value), into: room) else { return nil }
        return SecretBytes(UnsafeRawBufferPointer(rebasing: room[..<count]).bytes)
      }
    }
  }

  /// How many bytes were decoded into `room`, which is large enough; nil when the text is wrong.
  private static func decode(
    _ text: RawSpan, _ plus: UInt8, _ slash: UInt8, into room: UnsafeMutableRawBufferPointer
  ) -> Int? {
    var (pending, digits, padding, count) = (UInt32(0), 0, 0, 0)
    for offset in 0..<text.byteCount {
      let byte = text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") { continue }
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let digit = digit(byte, plus, slash) else { return nil }
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

  private static func digit(_ byte: UInt8, _ plus: UInt8, _ slash: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a") + 26)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0") + 52)
    case plus: 62
    case slash: 63
    default: nil
    }
  }
}
