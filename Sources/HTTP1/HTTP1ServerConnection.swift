import FederationAPI
import Logging
import Transport

/// One peer's HTTP/1 requests, answered in the order in which they came (RFC 9112 section 9.3.2).
///
/// One request is worked on at a time: what is pipelined behind a pending one waits unparsed, in buffers that the
/// transport bounds, so a peer can make the server hold no more than one request and one answer.
public final class HTTP1ServerConnection: ConnectionHandler {
  private struct PendingAnswer {
    let id: UInt64
    let head: HTTPRequestHead
    let task: Task<Void, Never>
    let since: MonotonicTime
  }

  private let responder: any HTTPResponder
  let limits: HTTP1Limits
  private let log: Log
  private var parser: HTTP1RequestParser
  private var deadline = ConnectionDeadline()
  private var date = HTTPDate()
  private var pending: PendingAnswer?
  private var lastID: UInt64 = 0
  /// Bytes that the transport knows to be kept of a request that is not whole.
  private var kept = 0
  /// Further bytes are here and wait until the pending answer is sent.
  private var isHoldingInput = false
  private var hasInputEnded = false
  private var isDraining = false
  /// What requests are answered from without waiting; nil when the responder is asked for all.
  private(set) var exchange: (any ImmediateExchange)?
  private(set) var loopState: HTTP1LoopState?
  /// Those of the connection's loop.
  private(set) var counts: CallCounts?
  /// What the requests ask for that ``exchange`` answers.
  private(set) var immediateMethod: CallMethod?

  /// Serves one connection with `responder`.
  public init(responder: any HTTPResponder, limits: HTTP1Limits = HTTP1Limits(), log: Log) {
    self.responder = responder
    self.limits = limits
    self.log = log
    parser = HTTP1RequestParser(limits: limits)
  }

  /// Starts waiting for a request.
  public func opened(_ connection: Connection) {
    awaitRequest(on: connection)
    counts = connection.loopState(of: CallCounts.owner) { CallCounts() } as? CallCounts
    counts?.opened(.http1)
    loopState = connection.loopState(of: HTTP1LoopState.owner) { HTTP1LoopState() } as? HTTP1LoopState
    guard let owner = responder.owner else { return }
    let state = connection.loopState(of: owner) { responder.makeImmediateResponder() }
    guard let immediate = state as? any ImmediateResponder else { return }
    exchange = immediate.exchange(peer: connection.peer, identity: responder.identity)
    immediateMethod = immediate.method
  }

  /// Answers every request that is complete.
  public func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    var offset = 0
    while offset < bytes.byteCount {
      if connection.isClosing { return bytes.byteCount }
      if pending != nil {
        isHoldingInput = true
        connection.pauseInput()
        return offset
      }
      if connection.isOutputFull { return offset }
      if !isDraining, parser.isUntouched,
        let length = answerAtOnce(bytes.extracting(offset..<bytes.byteCount), on: connection)
      {
        offset += length
        continue
      }
      let (consumed, event) = parser.parse(bytes.extracting(offset..<bytes.byteCount))
      offset += consumed
      let hasMore = offset < bytes.byteCount
      switch event {
      case .incomplete:
        requestBegan(on: connection)
        if !mayKeepUnfinished(on: connection) { refuse(.tooMuchUnfinished, on: connection) }
        return offset
      case .head(let head): bodyFollows(head, isHere: hasMore, on: connection)
      case .request(let request):
        connection.release(kept)
        kept = 0
        answer(request, hasMore: hasMore, on: connection)
      case .refused(let refusal): refuse(refusal, on: connection)
      }
    }
    return offset
  }

  /// Answers what is pending, since a peer may close its half only; gives up a request that is cut short.
  public func inputEnded(on connection: Connection) {
    hasInputEnded = true
    if pending == nil { connection.close(.peerClosed) }
  }

  /// Whether no answer is pending.
  public var isIdle: Bool { pending == nil }

  /// Nothing to do: the transport shows the waiting bytes next.
  public func outputDrained(on connection: Connection) {}

  /// Gives up what was waited for in vain.
  public func timerFired(_ tag: UInt64, on connection: Connection) {
    switch deadline.fired(MonotonicTime(nanoseconds: tag), now: .now) {
    case .stale: break
    case .rearm(let time): connection.setTimer(time.nanoseconds, at: time)
    case .expired(let kind): if !connection.isClosing { giveUp(kind, on: connection) }
    }
  }

  private func giveUp(_ kind: ConnectionDeadline.Kind, on connection: Connection) {
    switch kind {
    case .idle: connection.close(.timeout("idle"))
    case .drain: connection.close(.draining)
    case .head:
      refuse(HTTPRefusal(status: 408, message: "request timeout: the headers took too long"), on: connection)
    case .body:
      refuse(HTTPRefusal(status: 408, message: "request timeout: the body took too long"), on: connection)
    case .answer:
      guard let pending else { return }
      pending.task.cancel()
      let refusal = HTTPRefusal(status: 504, message: "timeout: no answer in time, try again")
      var response = responder.answer(to: refusal, peer: connection.peer)
      response.outcome?.method = responder.method(of: pending.head) ?? .other
      answered(pending.id, response, on: connection)
    }
  }

  /// Answers what is here and what is under way; the last answer says that the connection ends.
  public func drain(on connection: Connection) {
    isDraining = true
    if pending == nil, parser.isBetweenRequests { awaitRequest(on: connection) }
  }

  /// Cancels what nobody waits for any more.
  public func closed(_ connection: Connection, reason: CloseReason) {
    if let pending {
      pending.task.cancel()
      if let method = responder.method(of: pending.head) { counts?.answered(.http1, method, .cancelled) }
    }
    pending = nil
    counts?.closed(.http1)
    log.write(.debug, "http_connection_closed", ["peer": connection.peer, "reason": reason.description])
  }

  // MARK: Requests

  private func requestBegan(on connection: Connection) {
    guard deadline.kind == .idle || deadline.kind == .drain, !parser.isBetweenRequests else { return }
    wait(for: .head, seconds: limits.headerSeconds, on: connection)
  }

  /// Tells the transport what the parser keeps. False when that is too much.
  private func mayKeepUnfinished(on connection: Connection) -> Bool {
    guard !connection.isPeerProved else { return true }
    let more = parser.keptBytes - kept
    guard more > 0 else { return true }
    guard connection.mayKeep(more) else { return false }
    kept += more
    return true
  }

  private func bodyFollows(_ head: HTTPRequestHead, isHere: Bool, on connection: Connection) {
    wait(for: .body, seconds: limits.bodySeconds, on: connection)
    // A client that sends the body without waiting needs no word from us (RFC 9110 section 10.1.1).
    guard head.expectsContinue, !isHere else { return }
    if let response = responder.answerBeforeBody(of: head, peer: connection.peer) {
      send(response, to: head, isLast: true, on: connection)
    } else {
      connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    }
  }

  private func answer(_ request: HTTPServerRequest, hasMore: Bool, on connection: Connection) {
    var request = request
    request.deadline = .now.advanced(bySeconds: limits.answerSeconds)
    let head = request.head
    switch responder.respond(to: request, peer: connection.peer) {
    case .ready(let response):
      send(response, to: head, isLast: isDraining && !hasMore, on: connection)
    case .pending(let work):
      lastID += 1
      let (id, reference) = (lastID, connection.reference)
      let task = Task {
        let response = await work()
        reference.run { connection in
          (connection.handler as? HTTP1ServerConnection)?.answered(id, response, on: connection)
        }
      }
      pending = PendingAnswer(id: id, head: head, task: task, since: connection.now)
      wait(for: .answer, seconds: limits.answerSeconds, on: connection)
    }
  }

  /// The task of request `id` is done; its answer is dropped when the request was given up before.
  private func answered(_ id: UInt64, _ response: HTTPServerResponse, on connection: Connection) {
    guard let pending, pending.id == id else { return }
    self.pending = nil
    if let method = response.outcome?.method {
      counts?.waited(.http1, method, nanoseconds: pending.since.nanoseconds(until: .now))
    }
    send(response, to: pending.head, isLast: isDraining && !isHoldingInput, on: connection)
    if isHoldingInput {
      isHoldingInput = false
      connection.resumeInput()
    } else if hasInputEnded {
      connection.close(.peerClosed)
    }
  }

  private func refuse(_ refusal: HTTPRefusal, on connection: Connection) {
    let response = responder.answer(to: refusal, peer: connection.peer)
    write(response, persistence: .close, withBody: true, on: connection)
    connection.close(
      refusal.status == 408 ? .timeout("request") : .protocolError("\(refusal.status) \(refusal.message)"))
  }

  // MARK: Answers

  private func send(_ response: HTTPServerResponse, to head: HTTPRequestHead, isLast: Bool, on connection: Connection) {
    let keepsAlive = head.keepsAlive && !isLast
    write(
      response, persistence: !keepsAlive ? .close : head.version == .http10 ? .keepAlive : .implied,
      withBody: head.method != "HEAD", on: connection)
    if keepsAlive {
      awaitRequest(on: connection)
    } else {
      connection.close(isDraining ? .draining : .finished)
    }
  }

  private func write(
    _ response: HTTPServerResponse, persistence: HTTPResponseHead.Persistence, withBody: Bool, on connection: Connection
  ) {
    if let outcome = response.outcome {
      counts?.answered(.http1, outcome.method, outcome.code)
      if outcome.provesCaller { connection.notePeerProved() }
    }
    connection.write(HTTPResponseHead(response, date: date.text(), persistence: persistence).bytes)
    guard withBody, response.status != 204, response.status != 304 else { return }
    response.body.withBytes { connection.write($0) }
  }

  func awaitRequest(on connection: Connection) {
    if isDraining {
      wait(for: .drain, seconds: limits.drainSeconds, on: connection)
    } else {
      let seconds = connection.idleSeconds(known: limits.idleSeconds, stranger: limits.strangerIdleSeconds)
      wait(for: .idle, seconds: seconds, on: connection)
    }
  }

  private func wait(for kind: ConnectionDeadline.Kind, seconds: Double, on connection: Connection) {
    if let time = deadline.set(kind, until: connection.now.advanced(bySeconds: seconds)) {
      connection.setTimer(time.nanoseconds, at: time)
    }
  }
}
