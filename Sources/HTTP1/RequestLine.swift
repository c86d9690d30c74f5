/// `method SP request-target SP HTTP-version` (RFC 9112 section 3).
struct RequestLine: Equatable {
  var method: String
  var target: RequestTarget
  var version: HTTPVersion

  /// Reads the line without its CRLF.
  init(_ line: RawSpan) throws(HTTPRefusal) {
    var offset = 0
    while offset < line.byteCount, isTokenCharacter(line.byte(at: offset)) { offset += 1 }
    guard offset > 0, offset < line.byteCount, line.byte(at: offset) == UInt8(ascii: " ") else {
      throw .badRequest("the request line does not start with a method and one space")
    }
    method = line.text(0..<offset)

    let targetStart = offset + 1
    offset = targetStart
    while offset < line.byteCount, line.byte(at: offset) != UInt8(ascii: " ") {
      guard line.byte(at: offset) > 0x20, line.byte(at: offset) < 0x7F else {
        throw .badRequest("the request target holds a byte that must be percent-encoded")
      }
      offset += 1
    }
    guard offset > targetStart, offset < line.byteCount else {
      throw .badRequest("the request line lacks a target or a version")
    }
    let targetRange = targetStart..<offset

    // The version is judged before the target: a later HTTP may have other targets.
    version = try Self.version(line.extracting((offset + 1)..<line.byteCount))
    target = try RequestTarget(line.text(targetRange), method: method)
  }

  private static func version(_ bytes: RawSpan) throws(HTTPRefusal) -> HTTPVersion {
    let text = bytes.text(0..<bytes.byteCount)
    if text == "HTTP/1.1" { return .http11 }
    if text == "HTTP/1.0" { return .http10 }
    let units = Array(text.utf8)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard units.count == 8, text.hasPrefix("HTTP/"), digits ~= units[5], units[6] == UInt8(ascii: "."),
      digits ~= units[7]
    else { throw .badRequest("the request line does not end in an HTTP version") }
    throw HTTPRefusal(status: 505, message: "HTTP version not supported: use HTTP/1.1")
  }
}
