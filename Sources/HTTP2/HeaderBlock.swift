import HTTP1

/// A header block while it is decoded, bounded by what it would take in memory (RFC 9113 section 6.5.2): a few bytes
/// of HPACK can stand for many of a field.
struct HeaderBlock {
  private(set) var head = HTTP2RequestHead()
  /// Whether fields were dropped.
  private(set) var isTooLarge = false
  private var size = 0
  private var host: String?

  /// Whether the authority holds a user, which is what phishing is made of, or is not the one in `host`, so that two
  /// programs could each take another (RFC 9113 section 8.3.1).
  var isMalformed: Bool {
    if head.authority.utf8.contains(UInt8(ascii: "@")) { return true }
    guard let host, !head.authority.isEmpty else { return false }
    return !HeaderBlock.withoutPort(host).elementsEqual(HeaderBlock.withoutPort(head.authority)) {
      $0 | 0x20 == $1 | 0x20
    }
  }

  /// The port that `https` means anyway is left out.
  private static func withoutPort(_ authority: String) -> Substring.UTF8View {
    (authority.hasSuffix(":443") ? authority.dropLast(4) : authority[...]).utf8
  }

  /// Takes one field. False when the block is past what anybody could mean.
  mutating func add(_ name: RawSpan, _ value: RawSpan, _ limits: HTTP2Limits) -> Bool {
    size += name.byteCount + value.byteCount + 32
    guard size <= limits.headerListBytes else {
      isTooLarge = true
      return size <= limits.headerBombBytes
    }
    let name = HeaderBlock.text(name)
    let value = HeaderBlock.text(value)
    switch name {
    case ":method": head.method = value
    case ":scheme": head.scheme = value
    case ":authority": head.authority = value
    case ":path": head.path = value
    default:
      if name == "host" { host = value }
      head.fields.append(HTTPFields.Field(name: name, value: value))
    }
    return true
  }

  /// As text, without the spaces and tabs around it.
  private static func text(_ bytes: RawSpan) -> String {
    bytes.withUnsafeBytes { bytes in
      var text = bytes[...]
      while let first = text.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
      while let last = text.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
      return String(decoding: text, as: UTF8.self)
    }
  }
}
