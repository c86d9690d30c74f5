import FederationAPI
import FederationProto
import Transport

/// The client's side of one ttrpc connection.
///
/// It reads whatever its own output does (``transportLimits``): a server stops reading while its answers are not
/// read, and if both sides did so, large calls with large answers would leave them waiting for each other.
final class TTRPCClientConnection: ConnectionHandler {
  private enum Timer {
    static let deadline: UInt64 = 1
  }

  private let queue: ClientQueue
  private let limits: TTRPCLimits
  private var reader: FrameReader
  /// Calls that are not sent yet, because the output or the connection's share of calls is full.
  private var waiting = WaitingCalls()
  private var running: [UInt32: ClientCall] = [:]
  private var nextStreamID: UInt32 = 1
  private var timer = DeadlineTimer()
  private var isDraining = false

  init(queue: ClientQueue, limits: TTRPCLimits) {
    self.queue = queue
    self.limits = limits
    reader = FrameReader(maximumLength: limits.messageBytes)
  }

  /// Never stops reading for its own output.
  static var transportLimits: ListenerLimits {
    var limits = ListenerLimits()
    limits.readsOnlyWhileOutputHasRoom = false
    return limits
  }

  func opened(_ connection: Connection) {}

  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    var offset = 0
    while !connection.isClosing {
      switch reader.next(in: bytes, at: &offset) {
      case .frame(let header, let range): handle(header, bytes.extracting(range))
      case .tooLarge(let header):
        let text = "answer of \(header.length) bytes is too large, at most \(limits.messageBytes)"
        running.removeValue(forKey: header.streamID)?.finish(.failure(RPCError(.resourceExhausted, text)))
      case .incomplete:
        pump(connection)
        return offset
      case .broken:
        fail("the server does not speak ttrpc", on: connection)
      }
    }
    return bytes.byteCount
  }

  func inputEnded(on connection: Connection) {
    end("the server closed the connection")
    connection.close(.peerClosed)
  }

  func outputDrained(on connection: Connection) { pump(connection) }

  func timerFired(_ tag: UInt64, on connection: Connection) {
    if tag == Timer.deadline { expireCalls(on: connection) }
  }

  private func expireCalls(on connection: Connection) {
    let now = MonotonicTime.now
    timer.fired(now: now)
    for (streamID, call) in running {
      guard let deadline = call.deadline, deadline <= now else { continue }
      running[streamID] = nil
      call.finish(.failure(.deadlinePassed))
    }
    waiting.expire(now: now)
    // What waited for an expired call's place goes now.
    pump(connection)
    let deadlines = running.values.lazy.compactMap(\.deadline)
    if let earliest = [deadlines.min(), waiting.earliestDeadline].compactMap({ $0 }).min() {
      wake(for: earliest, on: connection)
    }
  }

  func drain(on connection: Connection) {
    isDraining = true
    queue.end(RPCError(.unavailable, "this client is shutting down; nothing was sent"))
    closeWhenDrained(connection)
  }

  func closed(_ connection: Connection, reason: CloseReason) { end("the connection ended: \(reason)") }

  /// Takes what callers have queued. Runs on the loop.
  func takeQueue(_ connection: Connection) {
    for call in queue.takeAll() {
      waiting.append(call)
      if let deadline = call.deadline { wake(for: deadline, on: connection) }
    }
    pump(connection)
  }

  /// Forgets calls whose callers have cancelled them, so that they hold no place. Runs on the loop.
  func dropFinished(_ connection: Connection) {
    running = running.filter { !$0.value.isFinished }
    pump(connection)
  }

  /// Closes on the caller's wish.
  func close(_ connection: Connection) {
    end("the client was closed")
    connection.close(.finished)
  }

  private func pump(_ connection: Connection) {
    while running.count < limits.concurrentCalls, !connection.isClosing, !waiting.isEmpty, !connection.isOutputFull {
      if let call = waiting.next() { send(call, on: connection) }
    }
    closeWhenDrained(connection)
  }

  private func send(_ call: ClientCall, on connection: Connection) {
    let streamID = nextStreamID
    guard streamID < .max else {
      queue.end(RPCError(.unavailable, "all stream ids of the connection are used; connect again"))
      return call.finish(
        .failure(RPCError(.unavailable, "all stream ids of the connection are used; a retry on another is safe")))
    }
    var timeout: Int64 = 0
    if let deadline = call.deadline {
      timeout = Int64(clamping: MonotonicTime.now.nanoseconds(until: deadline))
      if timeout == 0 { return call.finish(.failure(.deadlinePassed)) }
    }
    guard var request = call.takeRequest() else { return }
    nextStreamID += 2
    running[streamID] = call
    request.frame.set(streamID: streamID, timeoutNanoseconds: timeout)
    connection.write(request.frame.head)
    connection.write(request.payload)
    connection.write(request.frame.tail)
    request.frame.wipe()
  }

  private func handle(_ header: FrameHeader, _ data: RawSpan) {
    // An id without a call is a late answer: its caller has given up.
    guard let call = running[header.streamID] else { return }
    switch header.kind {
    case FrameHeader.Kind.response:
      running[header.streamID] = nil
      do throws(EnvelopeError) {
        call.finish(try ResponseEnvelope(data).result(in: data), isAnswer: true)
      } catch {
        call.finish(.failure(RPCError(.internal, "the server's answer cannot be read: \(error)")))
      }
    case FrameHeader.Kind.data:
      running[header.streamID] = nil
      call.finish(.failure(RPCError(.internal, "the server answered a unary call with a stream")))
    default: break
    }
  }

  private func wake(for deadline: MonotonicTime, on connection: Connection) {
    if let time = timer.wakeUp(for: deadline, now: .now) { connection.setTimer(Timer.deadline, at: time) }
  }

  private func closeWhenDrained(_ connection: Connection) {
    if isDraining, running.isEmpty, waiting.isEmpty { connection.close(.draining) }
  }

  private func fail(_ reason: String, on connection: Connection) {
    end(reason)
    connection.close(.protocolError(reason))
  }

  private func end(_ reason: String) {
    queue.end(RPCError(.unavailable, "\(reason) before the call was sent; a retry is safe"))
    waiting.failAll(RPCError(.unavailable, "\(reason) before the call was sent; a retry is safe"))
    let sent = running.values
    running = [:]
    let error = RPCError(
      .unavailable, "\(reason) after the call was sent, so it may have been carried out; retry only if that is harmless"
    )
    for call in sent { call.finish(.failure(error)) }
  }
}
