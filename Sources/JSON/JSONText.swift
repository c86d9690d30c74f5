/// Where a string of a JSON text is: in the text itself, or among what the reader decoded because it had escapes.
///
/// Good for the ``JSONReader`` that gave it and the text that it reads.
public struct JSONText: Sendable {
  let offset: Int
  /// The length in bytes of UTF-8, escapes decoded.
  public let count: Int
  let isDecoded: Bool
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
