import FederationAPI

/// A POST request as ordinary clients send it, found whole in the bytes; nothing is copied.
///
/// It takes only what ``HTTP1RequestParser`` takes, and of that only what leaves no question open: every other shape,
/// refused or merely unusual, is nil here and the parser's to judge.
struct ImmediateHead {
  /// Origin form without a query.
  private(set) var target = 0..<0
  /// Empty when there is none.
  private(set) var authorization = 0..<0
  /// Empty when there is none.
  private(set) var body = 0..<0

  private var hasHost = false
  private var contentLength: Int?

  init?(_ bytes: RawSpan, limits: HTTP1Limits) {
    guard let lineEnd = readRequestLine(bytes, limits: limits) else { return nil }
    var offset = lineEnd
    var fields = 0
    while true {
      guard offset + 2 <= bytes.byteCount else { return nil }
      if bytes.byte(at: offset) == carriageReturn { break }
      fields += 1
      guard fields <= limits.headerFields, let next = readField(bytes, at: offset, limits: limits),
        next - lineEnd <= limits.headerBytes
      else { return nil }
      offset = next
    }
    guard bytes.byte(at: offset + 1) == lineFeed, hasHost else { return nil }
    let start = offset + 2
    let length = contentLength ?? 0
    guard length <= limits.bodyBytes, length <= bytes.byteCount - start else { return nil }
    body = start..<start + length
  }

  /// `POST /path HTTP/1.1` CRLF. Returns where the next line starts.
  private mutating func readRequestLine(_ bytes: RawSpan, limits: HTTP1Limits) -> Int? {
    guard bytes.starts(with: "POST /") else { return nil }
    var offset = 5
    // The line ends eight bytes after the space behind the target.
    let end = min(bytes.byteCount, limits.requestLineBytes - 8)
    while offset < end {
      let byte = bytes.byte(at: offset)
      if byte == UInt8(ascii: " ") { break }
      // A query or a fragment is the parser's to cut off or refuse.
      guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "?"), byte != UInt8(ascii: "#") else { return nil }
      offset += 1
    }
    guard offset < end, bytes.extracting(offset..<bytes.byteCount).starts(with: " HTTP/1.1\r\n") else { return nil }
    target = 5..<offset
    return offset + 11
  }

  /// One field line with its CRLF. Returns where the next one starts.
  private mutating func readField(_ bytes: RawSpan, at start: Int, limits: HTTP1Limits) -> Int? {
    var colon = start
    while colon < bytes.byteCount, isTokenCharacter(bytes.byte(at: colon)) { colon += 1 }
    guard colon > start, colon < bytes.byteCount, bytes.byte(at: colon) == UInt8(ascii: ":") else { return nil }
    guard let end = bytes.endOfVisibleText(from: colon + 1), end + 1 < bytes.byteCount,
      bytes.byte(at: end) == carriageReturn, bytes.byte(at: end + 1) == lineFeed
    else { return nil }
    var value = colon + 1..<end
    while !value.isEmpty, bytes.byte(at: value.lowerBound) == UInt8(ascii: " ") { value = value.dropFirst() }
    while !value.isEmpty, bytes.byte(at: value.upperBound - 1) == UInt8(ascii: " ") { value = value.dropLast() }
    return note(bytes.extracting(start..<colon), value, bytes) ? end + 2 : nil
  }

  /// False when the field may change what the request means in a way that is not looked at here.
  private mutating func note(_ name: RawSpan, _ value: Range<Int>, _ bytes: RawSpan) -> Bool {
    switch name.byteCount {
    case 4 where name.isEqualIgnoringCase(to: "host"):
      guard !hasHost, isPlainHost(bytes.extracting(value)) else { return false }
      hasHost = true
    case 14 where name.isEqualIgnoringCase(to: "content-length"):
      guard contentLength == nil, let length = decimal(bytes.extracting(value)) else { return false }
      contentLength = length
    case 13 where name.isEqualIgnoringCase(to: "authorization"):
      guard authorization.isEmpty, !value.isEmpty else { return false }
      authorization = value
    case 13: return !name.isEqualIgnoringCase(to: "cache-control")
    case 6: return !name.isEqualIgnoringCase(to: "expect")
    case 10:
      return !name.isEqualIgnoringCase(to: "connection")
        || bytes.extracting(value).isEqualIgnoringCase(to: "keep-alive")
    case 16: return !name.isEqualIgnoringCase(to: "x-workload-token")
    case 17: return !name.isEqualIgnoringCase(to: "transfer-encoding")
    default: break
    }
    return true
  }

  /// A host name or IPv4 address with or without a port; brackets are left to the parser.
  private func isPlainHost(_ bytes: RawSpan) -> Bool {
    var offset = 0
    while offset < bytes.byteCount, isRegisteredNameCharacter(bytes.byte(at: offset)) { offset += 1 }
    guard offset > 0 else { return false }
    guard offset < bytes.byteCount else { return true }
    let port = bytes.extracting(offset + 1..<bytes.byteCount)
    return bytes.byte(at: offset) == UInt8(ascii: ":") && port.byteCount <= 5 && decimal(port) != nil
  }

  private func decimal(_ bytes: RawSpan) -> Int? {
    guard (1...9).contains(bytes.byteCount) else { return nil }
    var value = 0
    for offset in 0..<bytes.byteCount {
      let digit = bytes.byte(at: offset) &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }
}

extension RawSpan {
  /// Where the run of visible ASCII and spaces that starts at `start` ends.
  fileprivate func endOfVisibleText(from start: Int) -> Int? {
    var offset = start
    // Thirty-two bytes a step, all between 0x20 and 0x7E: a token of a kilobyte is most of a request.
    let high = SIMD4<UInt64>(repeating: 0x8080_8080_8080_8080)
    let ones = SIMD4<UInt64>(repeating: 0x0101_0101_0101_0101)
    let spaces = ones &* 0x20
    let deletes = ones &* 0x7F
    while offset + 32 <= byteCount {
      let words = unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
      let withoutDeletes = words ^ deletes
      let faults = (words | ((words &- spaces) & ~words) | ((withoutDeletes &- ones) & ~withoutDeletes)) & high
      if faults != SIMD4<UInt64>() { break }
      offset += 32
    }
    while offset < byteCount, (0x20..<0x7F).contains(byte(at: offset)) { offset += 1 }
    return offset
  }

  /// Whether the bytes are those of `text`, which is in lower case, without regard to case.
  fileprivate func isEqualIgnoringCase(to text: StaticString) -> Bool {
    guard byteCount == text.utf8CodeUnitCount else { return false }
    for offset in 0..<byteCount where lowercased(byte(at: offset)) != text.utf8Start[offset] { return false }
    return true
  }
}
