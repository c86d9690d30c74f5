/// How a request's body ends (RFC 9112 section 6), once every doubtful shape is refused.
///
/// A shape is doubtful when a proxy in front might count the body otherwise than this server: then the rest of
/// the body could pass as a request of its own.
enum BodyFraming: Equatable {
  case none
  case length(Int)
  case chunked

  /// Judges the header section; also checks Host, which has the same need to be unambiguous, against `authority`, which the
  /// target names in absolute form.
  init(
    _ head: HTTPRequestHead, authority: RequestTarget.Authority? = nil, limits: HTTP1Limits
  ) throws(HTTPRefusal) {
    var lengths: [String] = []
    var codings: [String] = []
    var hosts: [String] = []
    for field in head.fields.all {
      switch field.name {
      case "content-length": lengths.append(field.value)
      case "transfer-encoding": codings.append(field.value)
      case "host": hosts.append(field.value)
      default: break
      }
    }

    guard hosts.count <= 1 else { throw .badRequest("more than one Host") }
    guard hosts.count == 1 || head.version == .http10 else { throw .badRequest("HTTP/1.1 needs a Host") }
    guard hosts.allSatisfy(isValidHost) else { throw .badRequest("the Host is not a host name or address") }
    guard hosts.allSatisfy({ authority?.isSame(asHost: $0) ?? true }) else {
      throw .badRequest("the Host is not the one in the request target")
    }

    guard lengths.count <= 1 else { throw .badRequest("more than one Content-Length") }
    guard codings.count <= 1 else { throw .badRequest("more than one Transfer-Encoding") }
    guard let coding = codings.first else {
      self = try lengths.first.map { text throws(HTTPRefusal) in try Self.length(text, limits: limits) } ?? .none
      return
    }
    guard lengths.isEmpty else { throw .badRequest("both Content-Length and Transfer-Encoding") }
    guard head.version == .http11 else { throw .badRequest("Transfer-Encoding needs HTTP/1.1") }
    guard equalsIgnoringCase(coding[...].utf8, "chunked") else {
      throw .badRequest("the only Transfer-Encoding that is served is chunked")
    }
    self = .chunked
  }

  private static func length(_ text: String, limits: HTTP1Limits) throws(HTTPRefusal) -> BodyFraming {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard !text.isEmpty, text.utf8.allSatisfy({ digits ~= $0 }) else {
      throw .badRequest("the Content-Length is not a number")
    }
    guard let length = Int(text), length <= limits.bodyBytes else { throw .bodyTooLarge(limit: limits.bodyBytes) }
    return length == 0 ? .none : .length(length)
  }
}
