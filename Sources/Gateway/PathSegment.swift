import HTTP1

/// One part of a path, percent-decoded once, after the path was split at its slashes: a `%2F` is a slash inside a
/// name and never a border between names.
enum PathSegment {
  /// Why a path names nothing.
  struct Malformed: Error, Equatable {
    let reason: String
  }

  /// Decodes `raw` (RFC 3986 section 2.1).
  static func decode(_ raw: Substring) throws(Malformed) -> String {
    guard raw.utf8.contains(UInt8(ascii: "%")) else { return String(raw) }
    var decoded: [UInt8] = []
    var rest = raw.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        decoded.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexadecimalValue), let low = rest.popFirst().flatMap(hexadecimalValue)
      else { throw Malformed(reason: "a percent sign in the path is not followed by two hexadecimal digits") }
      guard high << 4 | low != 0 else { throw Malformed(reason: "the path holds a NUL byte") }
      decoded.append(high << 4 | low)
    }
    guard let text = String(validating: decoded, as: UTF8.self) else {
      throw Malformed(reason: "the percent escapes in the path are not UTF-8")
    }
    return text
  }
}
