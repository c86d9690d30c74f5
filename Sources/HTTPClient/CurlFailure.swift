import CCurl
import Transport

extension HTTPClientError {
  /// Says what libcurl's `code` means to a caller. `detail` is the text of CURLOPT_ERRORBUFFER.
  init(_ code: CURLcode, server: String, detail: String) {
    let kind: Kind =
      switch code {
      case CURLE_OPERATION_TIMEDOUT: .timeout
      case CURLE_FILESIZE_EXCEEDED: .tooLarge
      // Not CURLE_UNSUPPORTED_PROTOCOL: the scheme was looked at, so that it is told of an answer that is no HTTP.
      case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT: .invalidRequest
      case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
        CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_ISSUER_ERROR:
        .tls
      default: .unreachable
      }
    let reason = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    self.init(kind, "\(server): \(HTTPClientError.printable(reason))")
    guard let refusal = HTTPClientError.refusal(code, detail: detail) else { return }
    self.init(.tls, "\(server) refused this client's certificate in the TLS handshake (\(refusal))")
    isClientRefused = true
  }

  /// What the server said of this client's certificate, by OpenSSL's error in libcurl's text, `error:0A000418:…`.
  private static func refusal(_ code: CURLcode, detail: String) -> String? {
    guard [CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_SSL_CONNECT_ERROR].contains(code),
      let start = detail.firstRange(of: "error:")?.upperBound,
      let error = UInt(detail[start...].prefix { $0.isHexDigit }, radix: 16)
    else { return nil }
    let alert = ReceivedAlert()
    alert.note(error, inHandshake: code == CURLE_SSL_CONNECT_ERROR)
    return alert.refusal
  }

  /// A peer can put bytes of its own into libcurl's text, for example from its certificate.
  private static func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(200).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
    return String(String.UnicodeScalarView(scalars))
  }
}
