/// The target of a request in one of the four forms of RFC 9112 section 3.2.
struct RequestTarget: Equatable {
  /// What the rest of the program sees: origin form, `*` or CONNECT's `host:port`.
  var text: String
  /// Whom absolute form names beside the path.
  private(set) var authority: Authority?

  /// Reads `raw`, which holds visible ASCII only.
  init(_ raw: String, method: String) throws(HTTPRefusal) {
    guard !raw.utf8.contains(UInt8(ascii: "#")) else {
      throw .badRequest("a fragment does not belong in the request target")
    }
    if method == "CONNECT" {
      guard isValidHost(raw), raw.utf8.contains(UInt8(ascii: ":")), !raw.hasSuffix(":") else {
        throw .badRequest("CONNECT needs host:port as its target")
      }
      text = raw
    } else if raw.hasPrefix("/") {
      text = raw
    } else if raw == "*" {
      guard method == "OPTIONS" else { throw .badRequest("only OPTIONS may ask for *") }
      text = raw
    } else {
      (text, authority) = try Self.parts(ofAbsolute: raw, method: method)
    }
  }

  /// Absolute form is what clients send to proxies; an origin server must take it too.
  private static func parts(
    ofAbsolute raw: String, method: String
  ) throws(HTTPRefusal) -> (origin: String, Authority) {
    let units = raw.utf8
    guard let colon = units.firstIndex(of: UInt8(ascii: ":")),
      equalsIgnoringCase(raw[..<colon].utf8, "https") || equalsIgnoringCase(raw[..<colon].utf8, "http"),
      raw[colon...].hasPrefix("://")
    else { throw .badRequest("the request target must start with a slash") }
    let rest = raw[units.index(colon, offsetBy: 3)...]
    let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
    let host = String(rest[..<end])
    guard isValidHost(host) else { throw .badRequest("the request target names no valid host") }
    let authority = Authority(host: host, defaultPort: colon.utf16Offset(in: raw) == 5 ? ":443" : ":80")
    let path = rest[end...]
    if path.isEmpty { return (method == "OPTIONS" ? "*" : "/", authority) }
    return (path.hasPrefix("?") ? "/" + path : String(path), authority)
  }

  /// The host of a target in absolute form.
  struct Authority: Equatable {
    let host: String
    /// The port that the target's scheme means where none is named, with its colon.
    let defaultPort: String

    /// Whether a Host field names the same. RFC 9112 section 3.2.2 lets a server overlook it; a program in front may not
    /// have, and then each of the two takes another.
    func isSame(asHost field: String) -> Bool {
      equalsIgnoringCase(withoutPort(host).utf8, String(withoutPort(field)))
    }

    private func withoutPort(_ text: String) -> Substring {
      text.hasSuffix(defaultPort) ? text.dropLast(defaultPort.utf8.count) : text[...]
    }
  }
}

/// Whether `text` is `uri-host [":" port]` with a host that is not empty (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
func isValidHost(_ text: String) -> Bool {
  let units = Array(text.utf8)
  var offset = 0
  if units.first == UInt8(ascii: "[") {
    guard let end = units.firstIndex(of: UInt8(ascii: "]")), end > 1 else { return false }
    let isAddress = units[1..<end].allSatisfy {
      hexadecimalValue($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
    }
    guard isAddress else { return false }
    offset = end + 1
  } else {
    while offset < units.count, units[offset] != UInt8(ascii: ":") {
      guard isRegisteredNameCharacter(units[offset]) else { return false }
      offset += 1
    }
    guard offset > 0 else { return false }
  }
  guard offset < units.count else { return true }
  let port = units[(offset + 1)...]
  return units[offset] == UInt8(ascii: ":") && port.count <= 5
    && port.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
}

/// The reg-name characters that hosts are made of; percent escapes and sub-delims name no host that exists.
func isRegisteredNameCharacter(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
    UInt8(ascii: "~"):
    true
  default: false
  }
}
