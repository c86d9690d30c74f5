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
  /// Streaming calls that have not ended.
  private var streaming: [UInt32: MessageInbox] = [:]
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
      case .frame(let header, let range): handle(header, bytes.extracting(range), on: connection)
      case .tooLarge(let header):
        let text = "answer of \(header.length) bytes is too large, at most \(limits.messageBytes)"
        running.removeValue(forKey: header.streamID)?.finish(.failure(RPCError(.resourceExhausted, text)))
        abandon(header.streamID, RPCError(.resourceExhausted, text), on: connection)
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

  func closed(_ connection: Connection, reason: CloseReason) {
    if case .refused = reason {
      let refusal = RPCError(
        .unauthenticated, "\(reason); nothing was carried out", credentialProblem: .certificateRefused)
      end(unsent: refusal, sent: refusal, streams: refusal, isAnswer: true)
    } else {
      end("the connection ended: \(reason)")
    }
  }

  /// Takes what callers have queued. Runs on the loop.
  func takeQueue(_ connection: Connection) {
    for call in queue.takeAll() {
      waiting.append(call)
      if let deadline = call.deadline { wake(for: deadline, on: connection) }
    }
    pump(connection)
  }

  /// Opens what streams callers have queued. Runs on the loop.
  func takeStreams(_ connection: Connection) {
    for stream in queue.takeStreams() where !stream.inbox.isFinished {
      guard nextStreamID < .max, var request = stream.takeRequest() else {
        stream.inbox.finish(RPCError(.unavailable, "all stream ids of the connection are used; connect again"))
        continue
      }
      request.frame.name(streamID: nextStreamID)
      streaming[nextStreamID] = stream.inbox
      nextStreamID += 2
      connection.write(request.frame.head)
      connection.write(request.payload)
      connection.write(request.frame.tail)
      request.frame.wipe()
    }
  }

  /// Sends a message on a stream. Runs on the loop.
  func send(_ message: [UInt8], on inbox: MessageInbox, _ connection: Connection) {
    guard let (streamID, _) = streaming.first(where: { $0.value === inbox }) else { return }
    writeData(streamID, message, flags: 0, on: connection)
  }

  /// Ends a stream that nobody wants any more. Runs on the loop.
  func giveUp(_ inbox: MessageInbox, _ connection: Connection) {
    guard let (streamID, _) = streaming.first(where: { $0.value === inbox }) else { return }
    abandon(streamID, .givenUp, on: connection)
  }

  /// The protocol has no way to cancel, but a second end is an error, and errors end streams.
  private func abandon(_ streamID: UInt32, _ error: RPCError, on connection: Connection) {
    guard let inbox = streaming.removeValue(forKey: streamID) else { return }
    inbox.finish(error)
    for _ in 0..<2 {
      writeData(streamID, [], flags: FrameHeader.Flags.remoteClosed | FrameHeader.Flags.noData, on: connection)
    }
  }

  private func writeData(_ streamID: UInt32, _ message: [UInt8], flags: UInt8, on connection: Connection) {
    let header = FrameHeader(
      length: message.count, streamID: streamID, kind: FrameHeader.Kind.data, flags: flags
    ).bytes
    connection.write(header.span.bytes)
    connection.write(message)
  }

  /// Takes a frame of a streaming call.
  private func handleStream(_ header: FrameHeader, _ data: RawSpan, _ inbox: MessageInbox, on connection: Connection) {
    switch header.kind {
    case FrameHeader.Kind.response:
      streaming[header.streamID] = nil
      do throws(EnvelopeError) {
        switch try ResponseEnvelope(data).result(in: data) {
        case .success(let message):
          if !message.isEmpty { _ = inbox.deliver(message) }
          inbox.finish(nil)
        case .failure(let error): inbox.finish(error)
        }
      } catch {
        inbox.finish(RPCError(.internal, "the server's answer cannot be read: \(error)"))
      }
    case FrameHeader.Kind.data:
      let isEnd = header.flags & FrameHeader.Flags.remoteClosed != 0
      if !data.isEmpty || header.flags & FrameHeader.Flags.noData == 0 && !isEnd {
        guard inbox.deliver(data.withUnsafeBytes { [UInt8]($0) }) else {
          let text = "messages of this stream are not taken fast enough"
          return abandon(header.streamID, RPCError(.resourceExhausted, text), on: connection)
        }
      }
      if isEnd {
        streaming[header.streamID] = nil
        inbox.finish(nil)
      }
    default: break
    }
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

  private func handle(_ header: FrameHeader, _ data: RawSpan, on connection: Connection) {
    if let inbox = streaming[header.streamID] { return handleStream(header, data, inbox, on: connection) }
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
    if isDraining, running.isEmpty, streaming.isEmpty, waiting.isEmpty { connection.close(.draining) }
  }

  private func fail(_ reason: String, on connection: Connection) {
    end(reason)
    connection.close(.protocolError(reason))
  }

  private func end(_ reason: String) {
    end(
      unsent: RPCError(.unavailable, "\(reason) before the call was sent; a retry is safe"),
      sent: RPCError(
        .unavailable,
        "\(reason) after the call was sent, so it may have been carried out; retry only if that is harmless"),
      streams: RPCError(.unavailable, "\(reason); open the stream again"), isAnswer: false)
  }

  /// `isAnswer` says that the server itself has ended what was sent.
  private func end(unsent: RPCError, sent: RPCError, streams: RPCError, isAnswer: Bool) {
    queue.end(unsent)
    waiting.failAll(unsent)
    let calls = running.values
    running = [:]
    for call in calls { call.finish(.failure(sent), isAnswer: isAnswer) }
    let inboxes = streaming.values
    streaming = [:]
    for inbox in inboxes { inbox.finish(streams) }
  }
}
