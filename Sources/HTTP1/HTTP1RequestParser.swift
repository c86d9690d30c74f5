/// Reads requests from a stream of bytes, strictly by RFC 9112: what two programs could read in two ways is refused.
///
/// The parser keeps no input. It is shown all bytes that it has not consumed, oldest first, says how many it
/// consumed, and is shown the rest again with what follows. How the bytes were split makes no difference.
public struct HTTP1RequestParser {
  /// What a call came to.
  public enum Event: Sendable, Equatable {
    /// More bytes are needed.
    case incomplete
    /// A header section is complete and a body follows; call again for the request.
    case head(HTTPRequestHead)
    /// A request is complete; call again for the next one.
    case request(HTTPServerRequest)
    /// The stream cannot be read on; every later call says so again.
    case refused(HTTPRefusal)
  }

  private enum State {
    case requestLine(emptyLineSeen: Bool)
    case fields(FieldSection)
    case fixedBody(remaining: Int)
    case chunkedBody(ChunkedBodyDecoder)
    case refused(HTTPRefusal)
  }

  private let limits: HTTP1Limits
  private var state = State.requestLine(emptyLineSeen: false)
  private var line = LineScanner()
  private var head = HTTPRequestHead(method: "", target: "")
  private var authority: RequestTarget.Authority?
  private var body: [UInt8] = []

  /// Starts before a first request.
  public init(limits: HTTP1Limits = HTTP1Limits()) { self.limits = limits }

  /// Whether nothing of a further request was seen.
  public var isBetweenRequests: Bool {
    if case .requestLine = state { return line.scanned == 0 }
    return false
  }

  /// Whether nothing at all was seen since the last request, not even the empty line that may come once.
  var isUntouched: Bool {
    if case .requestLine(emptyLineSeen: false) = state { return line.scanned == 0 }
    return false
  }

  /// Bytes of the text that it keeps of a request that is not whole.
  var keptBytes: Int {
    head.fields.all.reduce(body.count + head.target.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
  }

  /// Reads on until something happened.
  public mutating func parse(_ bytes: RawSpan) -> (consumed: Int, event: Event) {
    var offset = 0
    do {
      let event = try next(bytes, &offset)
      return (offset, event)
    } catch {
      state = .refused(error)
      return (bytes.byteCount, .refused(error))
    }
  }

  private mutating func next(_ bytes: RawSpan, _ offset: inout Int) throws(HTTPRefusal) -> Event {
    while true {
      switch state {
      case .requestLine(let emptyLineSeen):
        guard let range = try requestLine(bytes, &offset) else { return .incomplete }
        try begin(bytes.extracting(range), emptyLineSeen: emptyLineSeen)
      case .fields(var section):
        let outcome = try section.next(bytes, &offset)
        state = .fields(section)
        switch outcome {
        case .needsBytes: return .incomplete
        case .field(let field): head.fields.append(field)
        case .end: return try endOfHead()
        }
      case .fixedBody(let remaining):
        let left = remaining - body.take(atMost: remaining, from: bytes, &offset)
        guard left == 0 else {
          state = .fixedBody(remaining: left)
          return .incomplete
        }
        return finish()
      case .chunkedBody(var decoder):
        let isComplete = try decoder.decode(bytes, &offset, into: &body)
        guard isComplete else {
          state = .chunkedBody(decoder)
          return .incomplete
        }
        return finish()
      case .refused(let refusal):
        throw refusal
      }
    }
  }

  private mutating func requestLine(_ bytes: RawSpan, _ offset: inout Int) throws(HTTPRefusal) -> Range<Int>? {
    switch line.scan(bytes, from: offset, limit: limits.requestLineBytes) {
    case .incomplete: return nil
    case .tooLong:
      throw HTTPRefusal(status: 414, message: "request line too long: \(limits.requestLineBytes) bytes are the most")
    case .malformed(let refusal): throw refusal
    case .line(let end):
      defer { offset = end + 2 }
      return offset..<end
    }
  }

  private mutating func begin(_ line: RawSpan, emptyLineSeen: Bool) throws(HTTPRefusal) {
    if line.isEmpty {
      // RFC 9112 section 2.2 asks for tolerance of one: old clients send it after a body.
      guard !emptyLineSeen else { throw .badRequest("empty lines before the request") }
      state = .requestLine(emptyLineSeen: true)
      return
    }
    let requestLine = try RequestLine(line)
    authority = requestLine.target.authority
    head = HTTPRequestHead(
      method: requestLine.method, target: requestLine.target.text, version: requestLine.version)
    state = .fields(
      FieldSection(
        bytes: limits.headerBytes, fields: limits.headerFields,
        tooLarge: HTTPRefusal(
          status: 431,
          message: "headers too large: \(limits.headerFields) fields and \(limits.headerBytes) bytes are the most")))
  }

  private mutating func endOfHead() throws(HTTPRefusal) -> Event {
    let framing = try BodyFraming(head, authority: authority, limits: limits)
    let expectations = head.version == .http11 ? head.fields.values(of: "expect") : []
    guard expectations.allSatisfy({ equalsIgnoringCase($0[...].utf8, "100-continue") }) else {
      throw HTTPRefusal(status: 417, message: "expectation failed: only 100-continue can be met")
    }
    switch framing {
    case .none: return finish()
    case .length(let length): state = .fixedBody(remaining: length)
    case .chunked: state = .chunkedBody(ChunkedBodyDecoder(limits: limits))
    }
    return .head(head)
  }

  private mutating func finish() -> Event {
    let request = HTTPServerRequest(head: head, body: body)
    head = HTTPRequestHead(method: "", target: "")
    body = []
    state = .requestLine(emptyLineSeen: false)
    return .request(request)
  }
}
