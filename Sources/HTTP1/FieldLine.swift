extension HTTPFields.Field {
  /// Reads `field-name ":" OWS field-value OWS` without its CRLF (RFC 9112 section 5).
  ///
  /// Control characters were refused when the line was found.
  init(line: RawSpan) throws(HTTPRefusal) {
    let first = line.byteCount > 0 ? line.byte(at: 0) : 0
    guard first != UInt8(ascii: " "), first != 0x09 else {
      throw .badRequest("a header line starts with white space")
    }
    var colon = 0
    while colon < line.byteCount, isTokenCharacter(line.byte(at: colon)) { colon += 1 }
    guard colon > 0, colon < line.byteCount, line.byte(at: colon) == UInt8(ascii: ":") else {
      throw .badRequest("a header name is not a token followed by a colon")
    }
    var start = colon + 1
    var end = line.byteCount
    while start < end, isWhitespace(line.byte(at: start)) { start += 1 }
    while end > start, isWhitespace(line.byte(at: end - 1)) { end -= 1 }
    let name = String(unsafeUninitializedCapacity: colon) { buffer in
      for offset in 0..<colon { buffer[offset] = lowercased(line.byte(at: offset)) }
      return colon
    }
    self.init(name: name, value: line.text(start..<end))
  }
}

private func isWhitespace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 0x09 }
