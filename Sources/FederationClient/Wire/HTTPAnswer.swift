import FederationAPI
import HTTPClient
import JSON

/// Reads the gateway's answers: a bare JSON string with the value, or with the error.
enum HTTPAnswer {
  /// The longest error text that is passed on, in characters.
  static let maximumMessage = 300

  /// The value, or what the status and the body say of the failure.
  static func secret(_ response: HTTPResponse, from server: ServerAddress) throws(RPCError) -> SecretBytes {
    let body = try? JSONValue.parse(response.body, maximumDepth: 4, maximumByteCount: HTTPWire.maximumBody)
    if response.status == 200 {
      guard let value = body?.string else {
        throw RPCError(
          .internal, "\(server) answered 200 with a body that is not a JSON string: is it a federation server?")
      }
      return SecretBytes(value)
    }
    throw error(status: response.status, text: body?.string.map(printable), server: server)
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
    case 413, 429, 431: return RPCError(.resourceExhausted, text ?? "\(server) refused the request's size or rate")
    case 500: return RPCError(.internal, text ?? "\(server) failed")
    case 502, 503: return RPCError(.unavailable, text ?? "\(server) cannot serve now")
    case 504: return RPCError(.deadlineExceeded, text ?? "\(server) ran out of time")
    default: return RPCError(.unknown, "\(server) answered HTTP \(status)")
    }
  }

  /// Bounded and without control characters, because the text goes to terminals and logs.
  private static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(maximumMessage) {
      let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
      result.append(isControl ? " " : scalar)
    }
    return String(result)
  }
}
