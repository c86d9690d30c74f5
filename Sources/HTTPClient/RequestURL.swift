import CCurl

/// A request's URL as libcurl parsed it, so that what is checked is what is connected to.
final class RequestURL {
  let handle: OpaquePointer
  /// Scheme, host and port: `https://issuer.example:8443`.
  let server: String

  init(_ text: String, allowsPlaintext: Bool) throws(HTTPClientError) {
    guard let handle = curl_url() else { throw HTTPClientError(.unreachable, "libcurl is out of memory") }
    self.handle = handle
    let isClean = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    guard isClean, curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
      let scheme = RequestURL.part(CURLUPART_SCHEME, of: handle), let host = RequestURL.part(CURLUPART_HOST, of: handle)
    else {
      curl_url_cleanup(handle)
      throw HTTPClientError(
        .invalidRequest, "the URL is not valid: give scheme://host[:port]/path without spaces or user information")
    }
    guard scheme == "https" || (allowsPlaintext && scheme == "http") else {
      curl_url_cleanup(handle)
      throw HTTPClientError(.invalidRequest, "the URL's scheme is \(scheme), and only https is allowed")
    }
    let port = RequestURL.part(CURLUPART_PORT, of: handle).map { ":\($0)" } ?? ""
    server = "\(scheme)://\(host)\(port)"
  }

  deinit { curl_url_cleanup(handle) }

  private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
