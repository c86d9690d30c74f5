import FederationAPI
import HTTP1
import Transport

/// One request that goes to an ``HTTPResponder``, as over HTTP/1: the same limits, the same answers.
public final class HTTPExchange: HTTP2StreamHandler {
  private enum Malformed: Error { case target }

  /// What is read of a request past its answer.
  private static let discardedBytes = 1_048_576

  private let responder: any HTTPResponder
  private let limits: HTTP1Limits
  private let peer: String
  private var head = HTTPRequestHead(method: "", target: "")
  private var body: [UInt8] = []
  private var date = HTTPDate()

  /// Serves the request with `head` on `stream`.
  public init(
    responder: any HTTPResponder, limits: HTTP1Limits = HTTP1Limits(), head: HTTP2RequestHead, on stream: HTTP2Stream
  ) {
    self.responder = responder
    self.limits = limits
    peer = stream.connection?.peer ?? ""
    stream.discardAllowance = HTTPExchange.discardedBytes
    do {
      self.head = try HTTPExchange.requestHead(head)
    } catch {
      refuse(400, "bad request: the path is not one that a request can have", on: stream)
      return
    }
    if self.head.fields.all.count > limits.headerFields {
      refuse(431, "headers too large: \(limits.headerFields) fields are the most", on: stream)
      return
    }
    stream.inputDeadline = stream.connection?.now.advanced(bySeconds: limits.bodySeconds)
    guard self.head.fields["expect"] != nil else { return }
    if !self.head.fields.list("expect", has: "100-continue") {
      refuse(417, "expectation failed: only 100-continue can be met", on: stream)
    } else if let response = responder.answerBeforeBody(of: self.head, peer: peer) {
      send(response, on: stream)
    } else {
      stream.respondInterim(status: 100)
    }
  }

  /// Keeps the body, up to its limit.
  public func received(_ bytes: RawSpan, on stream: HTTP2Stream) {
    stream.consume(bytes.byteCount)
    guard !stream.hasResponded else { return }
    guard body.count + bytes.byteCount <= limits.bodyBytes else {
      return refuse(413, "request too large: the body may hold \(limits.bodyBytes) bytes", on: stream)
    }
    guard stream.keep(bytes.byteCount) else {
      return refuse(503, "too many unfinished requests; retry later", on: stream)
    }
    bytes.withUnsafeBytes { body.append(contentsOf: $0) }
  }

  /// Asks the responder.
  public func inputEnded(on stream: HTTP2Stream) {
    guard !stream.hasResponded else { return }
    stream.releaseKept()
    let deadline = MonotonicTime.now.advanced(bySeconds: limits.answerSeconds)
    let request = HTTPServerRequest(head: head, body: body, deadline: deadline)
    body = []
    switch responder.respond(to: request, peer: peer) {
    case .ready(let response): send(response, on: stream)
    case .pending(let work):
      stream.expire(at: deadline)
      let isRunning = stream.perform(work) { response, stream in
        (stream.handler as? HTTPExchange)?.send(response, on: stream)
      }
      if !isRunning { refuse(503, "too many requests wait on this connection; retry later", on: stream) }
    }
  }

  /// 408 for a body that does not come, 504 for an answer that does not.
  public func expired(_ expiry: HTTP2Stream.Expiry, on stream: HTTP2Stream) {
    guard !stream.hasResponded else { return }
    stream.cancelTask()
    switch expiry {
    case .input: refuse(408, "request timeout: the body took too long", on: stream)
    case .deadline: refuse(504, "timeout: no answer in time, try again", on: stream)
    }
  }

  /// Counts a request that nobody waits for any more.
  public func closed(_ stream: HTTP2Stream) {
    guard !stream.hasResponded, let method = responder.method(of: head) else { return }
    stream.count(.http2, CallOutcome(method, .cancelled))
  }

  private func refuse(_ status: Int, _ message: String, on stream: HTTP2Stream) {
    var response = responder.answer(to: HTTPRefusal(status: status, message: message), peer: peer)
    response.outcome?.method = responder.method(of: head) ?? .other
    send(response, on: stream)
  }

  private func send(_ response: HTTPServerResponse, on stream: HTTP2Stream) {
    var response = response
    if !stream.mayWrite(response.body.count) {
      let text = "answers on this connection are not read fast enough"
      let method = response.outcome?.method ?? .other
      response = responder.answer(to: HTTPRefusal(status: 503, message: text), peer: peer)
      response.outcome?.method = method
    }
    if let outcome = response.outcome { stream.count(.http2, outcome) }
    let hasBody =
      head.method != "HEAD" && response.status != 204 && response.status != 304 && response.body.count > 0
    var fields = [HTTPFields.Field(name: "date", value: date.text())]
    for field in response.fields {
      // What could end a line over HTTP/1 is no value here either (RFC 9113 section 8.2.1).
      let value = String(decoding: field.value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
      fields.append(HTTPFields.Field(name: field.name.lowercased(), value: value))
    }
    if response.status >= 200, response.status != 204 {
      fields.append(HTTPFields.Field(name: "content-length", value: String(response.body.count)))
    }
    stream.respond(status: response.status, fields, isLast: !hasBody)
    guard hasBody else { return }
    stream.write(response.body.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } })
    stream.end()
  }

  /// The request as HTTP/1 would have had it (RFC 9113 section 8.3.1).
  private static func requestHead(_ head: HTTP2RequestHead) throws(Malformed) -> HTTPRequestHead {
    let target = head.method == "CONNECT" ? head.authority : head.path
    let isVisible = target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    guard isVisible else { throw .target }
    let isKnownForm =
      target.hasPrefix("/") || head.method == "CONNECT" || (target == "*" && head.method == "OPTIONS")
    guard isKnownForm else { throw .target }
    var fields = head.fields
    if fields["host"] == nil { fields.append(HTTPFields.Field(name: "host", value: head.authority)) }
    return HTTPRequestHead(method: head.method, target: target, fields: fields)
  }
}
