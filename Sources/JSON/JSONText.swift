/// Where a string of a JSON text is: in the text itself, or among what the reader decoded because it had escapes.
///
/// Good for the ``JSONReader`` that gave it and the text that it reads.
public struct JSONText: Sendable {
  let offset: Int
  /// The length in bytes of UTF-8, escapes decoded.
  public let count: Int
  let isDecoded: Bool

  /// What ``JSONReader/word(_:in:)`` gives for a string of these three ASCII characters.
  @inlinable @inline(__always)
  public static func word(_ first: Unicode.Scalar, _ second: Unicode.Scalar, _ third: Unicode.Scalar) -> UInt64 {
    UInt64(first.value) | UInt64(second.value) << 8 | UInt64(third.value) << 16
  }
}

extension JSONReader {
  /// The string itself.
  public func string(_ part: JSONText, in text: RawSpan) -> String {
    withBytes(of: part, in: text) { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the string is `literal`, byte by byte.
  public func isEqual(_ part: JSONText, _ literal: StaticString, in text: RawSpan) -> Bool {
    guard part.count == literal.utf8CodeUnitCount else { return false }
    for index in 0..<part.count where byte(index, of: part, in: text) != literal.utf8Start[index] { return false }
    return true
  }

  /// The first bytes of the string, eight at most, the first one lowest; zeros where it has none.
  public func word(_ part: JSONText, in text: RawSpan) -> UInt64 {
    if part.isDecoded || part.offset + 8 > byteCount {
      var word: UInt64 = 0
      for index in 0..<min(8, part.count) { word |= UInt64(byte(index, of: part, in: text)) << UInt64(8 * index) }
      return word
    }
    let word = UInt64(littleEndian: text.unsafeLoadUnaligned(fromByteOffset: part.offset, as: UInt64.self))
    return part.count >= 8 ? word : word & (1 << UInt64(8 * part.count) - 1)
  }

  func isEqual(_ left: JSONText, _ right: JSONText, in text: RawSpan) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where byte(index, of: left, in: text) != byte(index, of: right, in: text) {
      return false
    }
    return true
  }

  private func byte(_ index: Int, of part: JSONText, in text: RawSpan) -> UInt8 {
    let offset = part.offset + index
    return part.isDecoded ? decoded[offset] : text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  func withBytes<Result>(
    of part: JSONText, in text: RawSpan, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    func lend(_ bytes: UnsafeRawBufferPointer) -> Result {
      body(
        UnsafeBufferPointer(rebasing: bytes.assumingMemoryBound(to: UInt8.self)[part.offset..<part.offset + part.count])
      )
    }
    return part.isDecoded ? decoded.withUnsafeBytes(lend) : text.withUnsafeBytes(lend)
  }
}
