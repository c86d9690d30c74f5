import FederationAPI
import HTTPClient
import JSON

/// Reads the gateway's answers: a bare JSON string with the value or an object of them, or a bare string with the error.
enum HTTPAnswer {
  /// The value, or what the status and the body say of the failure.
  static func secret(_ response: HTTPResponse, from server: ServerAddress) throws(RPCError) -> SecretBytes {
    let body = body(response)
    if response.status == 200 {
      guard let value = body?.string else {
        throw RPCError(
          .internal, "\(server) answered 200 with a body that is not a JSON string: is it a federation server?")
      }
      return SecretBytes(value)
    }
    throw error(response, text: body?.string.map(printable), server: server)
  }

  /// A generator's values by output key, or what the status and the body say of the failure.
  static func values(_ response: HTTPResponse, from server: ServerAddress) throws(RPCError) -> [String: SecretBytes] {
    let body = body(response)
    guard response.status == 200 else {
      throw error(response, text: body?.string.map(printable), server: server)
    }
    var values: [String: SecretBytes] = [:]
    for (name, value) in body?.object ?? [:] {
      // Swift takes time with the square of some names' length, and some names for equal that are not.
      guard name.text.utf8.count <= Limits.secretName, let text = value.string,
        values.updateValue(SecretBytes(text), forKey: name.text) == nil
      else { throw notAnObject(server) }
    }
    guard body?.object != nil else { throw notAnObject(server) }
    return values
  }

  /// How many seconds past its time what was read for the answer is; nil when it is not.
  static func staleSeconds(_ response: HTTPResponse) -> UInt32? {
    guard let seconds = response.header("x-federation-stale").flatMap({ UInt32($0) }), seconds > 0 else { return nil }
    return seconds
  }

  /// Returns when the server did what was asked, whatever it says of it: the documented answers are `null`, a string
  /// and nothing at all.
  static func done(_ response: HTTPResponse, from server: ServerAddress) throws(RPCError) {
    guard response.status != 200, response.status != 204 else { return }
    throw error(response, text: body(response)?.string.map(printable), server: server)
  }

  /// Whether a generate that was answered so may have issued a credential. The federation server says its refusals in
  /// a bare JSON string; another body is a proxy's, which cannot know how far the server came. 502 and 504 are about
  /// the server behind a proxy, or about a deadline, whatever the body is.
  static func mayHideCredential(_ response: HTTPResponse) -> Bool {
    switch response.status {
    case ..<300, 502, 504: true
    case 500...: body(response)?.string == nil
    default: false
    }
  }

  private static func body(_ response: HTTPResponse) -> JSONValue? {
    try? JSONValue.parse(response.body, maximumDepth: 4, maximumByteCount: HTTPWire.maximumBody)
  }

  private static func notAnObject(_ server: ServerAddress) -> RPCError {
    RPCError(
      .internal, "\(server) answered 200 with a body that is not a JSON object of strings: is it a federation server?")
  }

  private static func error(_ response: HTTPResponse, text: String?, server: ServerAddress) -> RPCError {
    var error = error(status: response.status, text: text, server: server)
    // A date (RFC 9110 section 10.2.3) is not looked at: clocks differ.
    if response.status == 429, let seconds = response.header("retry-after").flatMap({ Int($0) }), seconds >= 0 {
      error.retryAfterSeconds = min(Double(seconds), 86_400)
    }
    return error
  }

  private static func error(status: Int, text: String?, server: ServerAddress) -> RPCError {
    switch status {
    case 300..<400:
      return RPCError(
        .failedPrecondition, "\(server) redirects (HTTP \(status)), which is not followed: use its final URL")
    case 400: return RPCError(.invalidArgument, text ?? "\(server) answered HTTP 400 without a reason")
    case 401: return text.map { RPCError(.unauthenticated, $0) } ?? .unauthenticated
    case 404:
      // The router's own 404 is an object: there is no such route, so this is no federation server's base URL.
      return text == nil
        ? RPCError(.unimplemented, "\(server) has no such path: check the server URL") : .notAuthorized
    case 405, 501: return RPCError(.unimplemented, text ?? "\(server) does not offer this call")
    case 409: return RPCError(.aborted, text ?? "\(server) met a conflict")
    case 413, 429, 431: return RPCError(.resourceExhausted, text ?? "\(server) refused the request's size or rate")
    case 500: return RPCError(.internal, text ?? "\(server) failed")
    case 502, 503: return RPCError(.unavailable, text ?? "\(server) cannot serve now")
    case 504: return RPCError(.deadlineExceeded, text ?? "\(server) ran out of time")
    default: return RPCError(.unknown, "\(server) answered HTTP \(status)")
    }
  }

  private static func printable(_ text: String) -> String {
    PrintableText.of(text, limit: PrintableText.maximumMessage)
  }
}
