/// One segment of a URL's path (RFC 3986 section 3.3).
enum PathSegment {
  /// Percent-encodes every byte but the unreserved ones (RFC 3986 section 2.3), so that a slash in a key does not
  /// end the segment. A segment of dots only would be resolved away by clients and proxies, so its dots are encoded.
  static func encoded(_ text: String) -> String {
    let onlyDots = text == "." || text == ".."
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: ".") where !onlyDots:
        result.append(".")
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        result += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
      }
    }
    return result
  }
}
