/// The target of a request in one of the four forms of RFC 9112 section 3.2.
struct RequestTarget: Equatable {
  /// What the rest of the program sees: origin form, `*` or CONNECT's `host:port`.
  var text: String

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
      text = try Self.originForm(absolute: raw, method: method)
    }
  }

  /// Absolute form is what clients send to proxies; an origin server must take it too.
  private static func originForm(absolute raw: String, method: String) throws(HTTPRefusal) -> String {
    let units = raw.utf8
    guard let colon = units.firstIndex(of: UInt8(ascii: ":")),
      equalsIgnoringCase(raw[..<colon].utf8, "https") || equalsIgnoringCase(raw[..<colon].utf8, "http"),
      raw[colon...].hasPrefix("://")
    else { throw .badRequest("the request target must start with a slash") }
    let rest = raw[units.index(colon, offsetBy: 3)...]
    let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
    guard isValidHost(String(rest[..<end])) else {
      throw .badRequest("the request target names no valid host")
    }
    let path = rest[end...]
    if path.isEmpty { return method == "OPTIONS" ? "*" : "/" }
    return path.hasPrefix("?") ? "/" + path : String(path)
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
