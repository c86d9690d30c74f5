import FederationAPI

/// One segment of a URL's path (RFC 3986 section 3.3).
enum PathSegment {
  /// Percent-encodes every byte but the unreserved ones (RFC 3986 section 2.3), so that a slash in a key does not
  /// end the segment. A segment of dots only would be resolved away by clients and proxies, so its dots are encoded.
  static func encoded(_ text: String) -> String {
    let onlyDots = text == "." || text == ".."
    let bytes = PercentEncoding.encode(text.utf8) { byte in
      PercentEncoding.isUnreserved(byte) && !(onlyDots && byte == UInt8(ascii: "."))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
