/// The bytes of an answer up to and with the empty line (RFC 9112 sections 4 and 6).
struct HTTPResponseHead {
  /// What the `Connection` field says.
  enum Persistence {
    /// HTTP/1.1's default, which needs no word.
    case implied
    /// Said to HTTP/1.0 peers that asked for it.
    case keepAlive
    /// The last answer of the connection.
    case close
  }

  let bytes: [UInt8]

  init(_ response: HTTPServerResponse, date: String, persistence: Persistence) {
    var output: [UInt8] = []
    output.reserveCapacity(320)
    output += "HTTP/1.1 \(response.status) \(reasonPhrase(response.status))\r\nDate: ".utf8
    output += date.utf8
    output += "\r\n".utf8
    for field in response.fields {
      output += field.name.utf8
      output += ": ".utf8
      // A value that could end its line would let its author write the rest of the answer.
      for byte in field.value.utf8 { output.append(byte < 0x20 || byte == 0x7F ? 0x20 : byte) }
      output += "\r\n".utf8
    }
    // An answer of these kinds never has a body, and 204 must not state a length.
    if response.status >= 200, response.status != 204 {
      output += "Content-Length: \(response.body.count)\r\n".utf8
    }
    switch persistence {
    case .implied: break
    case .keepAlive: output += "Connection: keep-alive\r\n".utf8
    case .close: output += "Connection: close\r\n".utf8
    }
    output += "\r\n".utf8
    bytes = output
  }
}

/// The reason phrase of RFC 9110 section 15; empty for others, which the syntax allows.
private func reasonPhrase(_ status: Int) -> String {
  switch status {
  case 200: "OK"
  case 204: "No Content"
  case 301: "Moved Permanently"
  case 302: "Found"
  case 304: "Not Modified"
  case 307: "Temporary Redirect"
  case 400: "Bad Request"
  case 401: "Unauthorized"
  case 403: "Forbidden"
  case 404: "Not Found"
  case 405: "Method Not Allowed"
  case 408: "Request Timeout"
  case 409: "Conflict"
  case 413: "Content Too Large"
  case 414: "URI Too Long"
  case 415: "Unsupported Media Type"
  case 417: "Expectation Failed"
  case 429: "Too Many Requests"
  case 431: "Request Header Fields Too Large"
  case 499: "Client Closed Request"
  case 500: "Internal Server Error"
  case 501: "Not Implemented"
  case 503: "Service Unavailable"
  case 504: "Gateway Timeout"
  case 505: "HTTP Version Not Supported"
  default: ""
  }
}
