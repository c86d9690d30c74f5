extension RawSpan {
  /// The byte at `offset`, which is checked against the bounds.
  func byte(at offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

  /// The bytes as text; what is not UTF-8 becomes U+FFFD.
  func text(_ range: Range<Int>) -> String {
    extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}

/// Finds the end of one line that must end in CRLF (RFC 9112 section 2.2), over bytes that may come one at a time.
///
/// It remembers how far it looked, so a slow sender costs no second look at the same byte, and it judges
/// bytes strictly in order, so the result does not depend on how the input was split.
struct LineScanner {
  enum Outcome: Equatable {
    /// The line ends before this offset; its CRLF takes two bytes more.
    case line(end: Int)
    case incomplete
    case tooLong
    case malformed(HTTPRefusal)
  }

  /// Bytes after the line's start that were looked at and hold neither a fault nor the end.
  private(set) var scanned = 0

  /// Looks for the end of the line that starts at `start` and may hold `limit` bytes before its CRLF.
  mutating func scan(_ bytes: RawSpan, from start: Int, limit: Int) -> Outcome {
    var offset = start + scanned
    while offset < bytes.byteCount {
      let byte = bytes.byte(at: offset)
      let followsReturn = offset > start && bytes.byte(at: offset - 1) == carriageReturn
      if byte == lineFeed {
        guard followsReturn else { return .malformed(.badRequest("a line ends in LF without CR")) }
        scanned = 0
        return .line(end: offset - 1)
      }
      if followsReturn { return .malformed(.badRequest("a CR stands alone")) }
      if byte != carriageReturn {
        if isControl(byte) { return .malformed(.badRequest("a control character in the header section")) }
        if offset - start >= limit { return .tooLong }
      }
      offset += 1
      scanned = offset - start
    }
    return .incomplete
  }
}

let carriageReturn: UInt8 = 0x0D
let lineFeed: UInt8 = 0x0A

/// Whether a byte may stand nowhere in a header section; HTAB may.
private func isControl(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7F }
