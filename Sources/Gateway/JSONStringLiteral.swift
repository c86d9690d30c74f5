import CLinux
import FederationAPI

/// A text as a bare JSON string and one newline, spelled as Go's encoding/json spells it: that is what the
/// documented API's clients have always been sent, byte for byte.
///
/// It works on bytes and leaves no copy behind, so that a secret never passes through a String.
enum JSONStringLiteral {
  /// The literal of `text`, or nil when it is not UTF-8.
  static func encode(_ text: RawSpan) -> SecretBytes? {
    // The length is counted first: a buffer that grew would leave parts of the secret in freed memory.
    guard let count = count(text) else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { buffer in
      write(text, to: buffer)
      let literal = SecretBytes(UnsafeRawBufferPointer(buffer).bytes)
      if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
      return literal
    }
  }

  /// How long the literal of `text` is, or nil when it is not UTF-8.
  static func count(_ text: RawSpan) -> Int? {
    guard text.isUTF8 else { return nil }
    var count = 0
    write(text, plain: { count += $0.byteCount }, escape: { _ in count += 1 })
    return count
  }

  /// Writes the literal of `text` to `room`, which is exactly ``count(_:)`` long.
  static func write(_ text: RawSpan, to room: UnsafeMutableRawBufferPointer) {
    if room.count == text.byteCount + 3 {
      // Nothing in it has to be escaped, or it would be longer.
      room[0] = UInt8(ascii: "\"")
      text.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: room[1...]).copyMemory(from: $0) }
      room[room.count - 2] = UInt8(ascii: "\"")
      room[room.count - 1] = UInt8(ascii: "\n")
      return
    }
    var offset = 0
    write(
      text,
      plain: { run in
        run.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: room[offset...]).copyMemory(from: $0) }
        offset += run.byteCount
      },
      escape: { byte in
        room[offset] = byte
        offset += 1
      })
  }

  /// The literal of a message that anyone may see.
  static func encode(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    write(
      text.utf8.span.bytes, plain: { run in run.withUnsafeBytes { bytes.append(contentsOf: $0) } },
      escape: { bytes.append($0) })
    return bytes
  }

  /// Gives what is written as it is to `plain`, in runs as long as there are, and the bytes of all else to `escape`.
  private static func write(_ text: RawSpan, plain: (RawSpan) -> Void, escape: (UInt8) -> Void) {
    escape(UInt8(ascii: "\""))
    var start = 0
    var offset = 0
    while offset < text.byteCount {
      let byte = text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      guard isSpecial[Int(byte)] else {
        offset += 1
        continue
      }
      let separator = byte == 0xE2 ? separator(in: text, at: offset) : nil
      if byte == 0xE2, separator == nil {
        offset += 1
        continue
      }
      if start < offset { plain(text.extracting(start..<offset)) }
      if let short = separator ?? self.escape(of: byte) {
        short.withUTF8Buffer { for byte in $0 { escape(byte) } }
      } else {
        StaticString("\\u00").withUTF8Buffer { for byte in $0 { escape(byte) } }
        escape(hexadecimalDigit(byte >> 4))
        escape(hexadecimalDigit(byte & 0xF))
      }
      offset += separator == nil ? 1 : 3
      start = offset
    }
    if start < offset { plain(text.extracting(start..<offset)) }
    escape(UInt8(ascii: "\""))
    escape(UInt8(ascii: "\n"))
  }

  /// Bytes that may not stand for themselves; 0xE2 is how U+2028 and U+2029 begin.
  private static let isSpecial: [Bool] = (0...255).map { byte in
    byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x3C || byte == 0x3E || byte == 0x26 || byte == 0xE2
  }

  private static func escape(of byte: UInt8) -> StaticString? {
    switch byte {
    case UInt8(ascii: "\""): "\\\""
    case UInt8(ascii: "\\"): "\\\\"
    case UInt8(ascii: "\n"): "\\n"
    case UInt8(ascii: "\r"): "\\r"
    case UInt8(ascii: "\t"): "\\t"
    default: nil
    }
  }

  /// The escape of U+2028 or U+2029 when that is what starts at `offset`.
  private static func separator(in text: RawSpan, at offset: Int) -> StaticString? {
    guard offset + 2 < text.byteCount else { return nil }
    func byte(_ index: Int) -> UInt8 { text.unsafeLoad(fromByteOffset: offset + index, as: UInt8.self) }
    guard byte(0) == 0xE2, byte(1) == 0x80 else { return nil }
    return byte(2) == 0xA8 ? "\\u2028" : byte(2) == 0xA9 ? "\\u2029" : nil
  }

  static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
