import FederationAPI
import HTTP1
import Transport

/// The client's side of one HTTP/2 connection.
final class HTTP2ClientConnection: ConnectionHandler {
  /// One stream's two halves.
  final class Running {
    let exchange: ClientExchange
    var output = StreamOutput()
    var answer = HTTP2Answer()
    var block = HeaderBlock()
    var hasHead = false
    var wasSent = false

    init(_ exchange: ClientExchange) { self.exchange = exchange }
  }

  private enum Timer {
    static let deadline: UInt64 = 1
  }

  private let queue: ExchangeQueue
  let answerBytes: Int
  let limits = HTTP2Limits()
  private(set) var connection: Connection?
  var session: HTTP2Session?
  var running: [Int32: Running] = [:]
  private var timer = DeadlineTimer()
  private var isDraining = false

  init(queue: ExchangeQueue, answerBytes: Int) {
    self.queue = queue
    self.answerBytes = answerBytes
  }

  func opened(_ connection: Connection) {
    self.connection = connection
    do throws(HTTP2Session.Failure) {
      session = try HTTP2Session(.client, limits: limits, delegate: self)
    } catch {
      return connection.abort(.transportError("HTTP/2: \(error.description)"))
    }
    flush()
  }

  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    do throws(HTTP2Session.Failure) {
      try session?.receive(bytes)
    } catch {
      connection.close(.protocolError(error.description))
    }
    flush()
    return bytes.byteCount
  }

  func inputEnded(on connection: Connection) {
    end("the server closed the connection")
    connection.close(.peerClosed)
  }

  func outputDrained(on connection: Connection) { flush() }

  func timerFired(_ tag: UInt64, on connection: Connection) {
    let now = MonotonicTime.now
    timer.fired(now: now)
    for (streamID, one) in running {
      guard let deadline = one.exchange.deadline else { continue }
      if deadline <= now {
        giveUp(streamID, .deadlinePassed)
      } else {
        wake(for: deadline)
      }
    }
    flush()
  }

  func drain(on connection: Connection) {
    isDraining = true
    queue.end(.connectionEnded("this client is shutting down", wasSent: false))
    flush()
  }

  func closed(_ connection: Connection, reason: CloseReason) {
    if case .refused = reason {
      let refusal = HTTP2ClientFailure.refused("\(reason); nothing was carried out")
      end(unsent: refusal) { _ in refusal }
    } else {
      end("the connection ended: \(reason)")
    }
    self.connection = nil
  }

  /// Sends what callers have queued. Runs on the loop.
  func takeQueue() {
    for exchange in queue.takeAll() where !exchange.isFinished {
      guard let streamID = session?.submitRequest(exchange.fields) else {
        exchange.finish(.failure(.connectionEnded("no further stream can be opened", wasSent: false)))
        continue
      }
      let one = Running(exchange)
      one.output.append(exchange.takeBody())
      if exchange.isWhole { one.output.end([]) }
      running[streamID] = one
      if let deadline = exchange.deadline { wake(for: deadline) }
    }
    flush()
  }

  /// Sends a further part of a request's body. Runs on the loop.
  func send(_ bytes: [UInt8], on exchange: ClientExchange) {
    guard let (streamID, one) = running.first(where: { $0.value.exchange === exchange }) else { return }
    one.output.append(bytes)
    session?.resumeBody(streamID)
    flush()
  }

  /// Gives window back for part of an answer. Runs on the loop.
  func consume(_ count: Int, on exchange: ClientExchange) {
    guard let (streamID, _) = running.first(where: { $0.value.exchange === exchange }) else { return }
    session?.consume(streamID, count)
    flush()
  }

  /// Resets the streams whose callers have gone. Runs on the loop.
  func dropFinished() {
    for (streamID, one) in running where one.exchange.isFinished { giveUp(streamID, .cancelled) }
    flush()
  }

  func close() {
    end("the client was closed")
    session?.submitGoAway(.noError)
    flush()
    connection?.close(.finished)
  }

  func giveUp(_ streamID: Int32, _ failure: HTTP2ClientFailure) {
    running[streamID]?.exchange.finish(.failure(failure))
    session?.submitReset(streamID, .cancel)
  }

  private func wake(for deadline: MonotonicTime) {
    if let time = timer.wakeUp(for: deadline, now: .now) { connection?.setTimer(Timer.deadline, at: time) }
  }

  private func flush() {
    guard let session, let connection, !session.isBusy else { return }
    do throws(HTTP2Session.Failure) {
      while !connection.isClosing, !connection.isOutputFull {
        guard try session.send({ connection.write($0) }) else { break }
      }
    } catch {
      return connection.abort(.transportError("HTTP/2: \(error.description)"))
    }
    guard !connection.isClosing else { return }
    if session.isOver || (isDraining && running.isEmpty) { connection.close(isDraining ? .draining : .finished) }
  }

  private func end(_ reason: String) {
    end(unsent: .connectionEnded(reason, wasSent: false)) { .connectionEnded(reason, wasSent: $0.wasSent) }
  }

  private func end(unsent: HTTP2ClientFailure, _ failure: (Running) -> HTTP2ClientFailure) {
    queue.end(unsent)
    let all = running
    running = [:]
    for one in all.values { one.exchange.finish(.failure(failure(one))) }
  }
}

extension HTTP2ClientConnection: HTTP2SessionDelegate {
  func headersBegan(_ streamID: Int32) -> Bool {
    running[streamID]?.block = HeaderBlock()
    return running[streamID] != nil
  }

  func field(_ streamID: Int32, name: RawSpan, value: RawSpan) -> Verdict {
    guard let one = running[streamID] else { return .next }
    return one.block.add(name, value, limits) ? .next : .stop
  }

  func data(_ streamID: Int32, _ bytes: RawSpan) {
    if let stream = running[streamID]?.exchange.stream {
      let count = stream.received(bytes)
      if count > 0 { session?.consume(streamID, count) }
      return
    }
    session?.consume(streamID, bytes.byteCount)
    guard let one = running[streamID] else { return }
    guard one.answer.body.count + bytes.byteCount <= answerBytes else { return giveUp(streamID, .tooLarge) }
    bytes.withUnsafeBytes { one.answer.body.append(contentsOf: $0) }
  }

  func received(_ frame: SessionFrame) {
    guard frame.kind == .headers, let one = running[frame.streamID] else { return }
    if one.block.isTooLarge { return giveUp(frame.streamID, .tooLarge) }
    if one.hasHead {
      one.answer.trailers = one.block.head.fields
    } else {
      one.answer.status = Int(one.block.head.fields[":status"] ?? "") ?? 0
      one.answer.fields = one.block.head.fields
      // 1xx is followed by another head (RFC 9113 section 8.1).
      one.hasHead = one.answer.status >= 200
    }
  }

  func sent(_ frame: SessionFrame) {
    if frame.kind == .headers { running[frame.streamID]?.wasSent = true }
  }

  func streamClosed(_ streamID: Int32, _ code: HTTP2ErrorCode) {
    guard let one = running.removeValue(forKey: streamID) else { return }
    // NO_ERROR also ends requests that the server did not want to hear to their end (RFC 9113 section 8.1).
    one.exchange.finish(code == .noError && one.hasHead ? .success(one.answer) : .failure(.reset(code)))
  }

  func bodyToSend(_ streamID: Int32, room: Int) -> HTTP2Session.BodyPart {
    running[streamID]?.output.next(room: room) ?? .bytes(0, isLast: true, hasTrailers: false)
  }

  func sendBody(_ streamID: Int32, head: RawSpan, count: Int) -> Bool {
    guard let connection, let one = running[streamID] else { return true }
    if connection.isOutputFull { return false }
    connection.write(head.byteCount + count) { room in
      head.withUnsafeBytes { room.copyMemory(from: $0) }
      one.output.move(to: UnsafeMutableRawBufferPointer(rebasing: room[head.byteCount...]))
    }
    return true
  }
}
