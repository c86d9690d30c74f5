/// Cuts a connection's bytes into HTTP/1.1 responses, each with a Content-Length, as this API's are.
struct HTTPReplyReader {
  enum Step: Equatable {
    /// A whole response: its status, and where its body stands.
    case reply(status: Int, body: Range<Int>)
    case incomplete
    case broken(String)
  }

  /// A head longer than this is none.
  private static let maximumHead = 16_384
  private static let maximumBody = 16 << 20
  private static let version = Array("HTTP/1.1 ".utf8)
  private static let lengthName = Array("content-length".utf8)

  /// Bytes that the next response takes at least, as far as it is known.
  private var needed = 13

  /// Reads the response at `offset`, which moves behind it.
  mutating func next(in bytes: RawSpan, at offset: inout Int) -> Step {
    let available = bytes.byteCount - offset
    guard available >= needed else { return .incomplete }
    guard bytes.starts(with: Self.version, in: offset..<offset + Self.version.count),
      let status = number(in: bytes, offset + 9..<offset + 12)
    else { return .broken("what comes is no HTTP/1.1 response") }
    var line = offset
    var length: Int?
    while let newline = bytes.firstIndex(of: UInt8(ascii: "\n"), from: line) {
      let end = newline > line && bytes.byte(newline - 1) == UInt8(ascii: "\r") ? newline - 1 : newline
      if end == line { return finish(status, length, in: bytes, at: &offset, bodyStart: newline + 1) }
      if let value = lengthValue(in: bytes, line..<end) {
        guard let number = number(in: bytes, value), number <= Self.maximumBody else {
          return .broken("a Content-Length cannot be read")
        }
        length = number
      }
      line = newline + 1
    }
    return available > Self.maximumHead ? .broken("a head has no end") : .incomplete
  }

  private mutating func finish(
    _ status: Int, _ length: Int?, in bytes: RawSpan, at offset: inout Int, bodyStart: Int
  ) -> Step {
    guard let length else { return .broken("a response has no Content-Length") }
    let end = bodyStart + length
    guard bytes.byteCount >= end else {
      needed = end - offset
      return .incomplete
    }
    needed = 13
    offset = end
    return .reply(status: status, body: bodyStart..<end)
  }

  /// Where the value stands when the line is the field Content-Length.
  private func lengthValue(in bytes: RawSpan, _ line: Range<Int>) -> Range<Int>? {
    let colon = line.lowerBound + Self.lengthName.count
    guard colon < line.upperBound, bytes.byte(colon) == UInt8(ascii: ":") else { return nil }
    for (place, expected) in Self.lengthName.enumerated() {
      // Letters differ from their capitals in one bit, and `-` has it.
      guard bytes.byte(line.lowerBound + place) | 0x20 == expected else { return nil }
    }
    var start = colon + 1
    while start < line.upperBound, bytes.byte(start) == UInt8(ascii: " ") { start += 1 }
    return start..<line.upperBound
  }

  private func number(in bytes: RawSpan, _ range: Range<Int>) -> Int? {
    guard (1...9).contains(range.count) else { return nil }
    var number = 0
    for place in range {
      let digit = Int(bytes.byte(place)) - 0x30
      guard (0...9).contains(digit) else { return nil }
      number = number * 10 + digit
    }
    return number
  }
}
