import CLinux
import FederationAPI

/// A text as a bare JSON string and one newline, spelled as Go's encoding/json spells it: that is what the
/// documented API's clients have always been sent, byte for byte.
///
/// It works on bytes and leaves no copy behind, so that a secret never passes through a String.
enum JSONStringLiteral {
  /// The literal of `text`, or nil when it is not UTF-8.
  static func encode(_ text: RawSpan) -> SecretBytes? {
    guard isUTF8(text) else { return nil }
    // The length is counted first: a buffer that grew would leave parts of the secret in freed memory.
    var count = 0
    write(text) { _ in count += 1 }
    return withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { buffer in
      var offset = 0
      write(text) { byte in
        buffer[offset] = byte
        offset += 1
      }
      let literal = SecretBytes(UnsafeRawBufferPointer(buffer).bytes)
      if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
      return literal
    }
  }

  /// The literal of a message that anyone may see.
  static func encode(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    write(text.utf8.span.bytes) { bytes.append($0) }
    return bytes
  }

  private static func isUTF8(_ text: RawSpan) -> Bool {
    text.withUnsafeBytes { bytes in
      (try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)) != nil
    }
  }

  private static func write(_ text: RawSpan, _ emit: (UInt8) -> Void) {
    emit(UInt8(ascii: "\""))
    var offset = 0
    while offset < text.byteCount {
      let byte = text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if let escape = escape(of: byte) {
        escape.withUTF8Buffer { for byte in $0 { emit(byte) } }
      } else if byte < 0x20 || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "&") {
        StaticString("\\u00").withUTF8Buffer { for byte in $0 { emit(byte) } }
        emit(hexadecimalDigit(byte >> 4))
        emit(hexadecimalDigit(byte & 0xF))
      } else if let separator = separator(in: text, at: offset) {
        separator.withUTF8Buffer { for byte in $0 { emit(byte) } }
        offset += 2
      } else {
        emit(byte)
      }
      offset += 1
    }
    emit(UInt8(ascii: "\""))
    emit(UInt8(ascii: "\n"))
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

  private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
