/// `chunk-size [ chunk-ext ]` without its CRLF (RFC 9112 section 7.1).
struct ChunkSizeLine: Equatable {
  /// Bytes in the chunk; 0 ends the body.
  var size: Int
  /// Bytes of extensions, which are ignored but counted.
  var extensionBytes: Int

  /// Reads the line. Sizes are plain hexadecimal digits: no sign, no prefix, no white space, at most 15 of them,
  /// which cannot overflow.
  init(_ line: RawSpan) throws(HTTPRefusal) {
    var offset = 0
    var size = 0
    while offset < line.byteCount, let digit = hexadecimalValue(line.byte(at: offset)) {
      guard offset < 15 else { throw .badRequest("a chunk size is too long") }
      size = size << 4 | Int(digit)
      offset += 1
    }
    guard offset > 0 else { throw .badRequest("a chunk size is not a hexadecimal number") }
    guard offset == line.byteCount || line.byte(at: offset) == UInt8(ascii: ";") else {
      throw .badRequest("a chunk size is followed by something other than an extension")
    }
    self.size = size
    extensionBytes = line.byteCount - offset
  }
}
