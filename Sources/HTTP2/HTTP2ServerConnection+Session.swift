import FederationAPI
import Transport

/// What the session tells, turned into streams.
extension HTTP2ServerConnection: HTTP2SessionDelegate {
  private var now: MonotonicTime { connection?.now ?? .now }

  /// Holds what RFC 9113 asks for and nghttp2 lets pass.
  package func frameBegan(_ kind: FrameKind, _ streamID: Int32, length: Int) -> Verdict {
    switch kind {
    // CONTINUATION, of all frames, has no bound there (section 4.2).
    case .other where length > HTTP2Limits.frameBytes:
      end(.frameSizeError, .protocolError("frame of \(length) bytes"))
      return .stop
    // What is sent on a stream that is gone (section 5.1.1).
    case .headers where streams[streamID] == nil && numbers.isStale(streamID):
      end(.protocolError, .protocolError("HEADERS on a stream that is over"))
      return .stop
    // Priorities are not looked at, not even at where they stand (section 6.3).
    case .priority where streamID == 0:
      end(.protocolError, .protocolError("PRIORITY on stream 0"))
      return .stop
    default: return .next
    }
  }

  package func headersBegan(_ streamID: Int32) -> Bool {
    guard ending == nil else { return false }
    // Trailers, whose fields are counted with the head's.
    if streams[streamID] != nil { return true }
    numbers.opened(streamID)
    let stream = HTTP2Stream(streamID, owner: self)
    stream.inputDeadline = now.advanced(bySeconds: limits.headerSeconds)
    streams[streamID] = stream
    lastActivity = now
    return true
  }

  package func field(_ streamID: Int32, name: RawSpan, value: RawSpan) -> Verdict {
    guard let stream = streams[streamID] else { return .next }
    guard stream.block.add(name, value, limits) else {
      end(.enhanceYourCalm, .limit("header list of \(limits.headerBombBytes) bytes"))
      return .stop
    }
    // Of those who have proved who they are, the bounds of a connection are enough.
    guard let connection, !connection.isPeerProved, !stream.keep(name.byteCount + value.byteCount + 32) else {
      return .next
    }
    end(.enhanceYourCalm, .strangersHoldTooMuch)
    return .stop
  }

  package func data(_ streamID: Int32, _ bytes: RawSpan) {
    guard let stream = streams[streamID] else { return }
    stream.unconsumed += bytes.byteCount
    if stream.isAnswered || stream.handler == nil || ending != nil {
      stream.consume(bytes.byteCount)
      stream.discardAllowance -= bytes.byteCount
      // Not before the answer has left: a reset would overtake it.
      if stream.discardAllowance < 0, stream.isAnswerSent, !stream.wasResetHere { stream.reset(.noError) }
    } else {
      if let deadline = stream.inputDeadline {
        stream.inputDeadline = deadline.advanced(byNanoseconds: UInt64(bytes.byteCount) * (1_000_000_000 >> 16))
      }
      stream.handler?.received(bytes, on: stream)
    }
  }

  package func received(_ frame: SessionFrame) {
    guard ending == nil else { return }
    switch frame.kind {
    case .headers:
      if let stream = streams[frame.streamID] { begin(stream) }
    case .data:
      if frame.isEmpty, !frame.endsStream, !emptyDataFrames.take(at: now) { tooMuch("empty DATA frames") }
    case .reset:
      if !resets.take(at: now) { tooMuch("stream resets") }
    case .settings:
      hasPreface = true
      hasNewSettings = true
      if !frame.isAcknowledgement, !settingsFrames.take(at: now) { tooMuch("SETTINGS frames") }
    case .ping:
      if frame.isAcknowledgement {
        if isDraining { nameLastStream() }
      } else if !pings.admit(at: now, hasStreams: !streams.isEmpty) {
        end(.enhanceYourCalm, .limit("keepalive pings"), debug: "too_many_pings")
      }
    case .priority, .goAway, .other: break
    }
    if frame.endsStream, let stream = streams[frame.streamID], stream.isInputOpen {
      stream.isInputOpen = false
      stream.inputDeadline = nil
      if !stream.isAnswered { stream.handler?.inputEnded(on: stream) }
    }
  }

  private func tooMuch(_ what: String) { end(.enhanceYourCalm, .limit(what)) }

  /// The head of a request is whole, or its trailers, which nobody asks for.
  private func begin(_ stream: HTTP2Stream) {
    guard stream.handler == nil, !stream.hasResponded else { return }
    stream.inputDeadline = now.advanced(bySeconds: limits.bodySeconds)
    streamCount += 1
    let (head, isTooLarge, isMalformed) = (stream.block.head, stream.block.isTooLarge, stream.block.isMalformed)
    stream.block = HeaderBlock()
    // Not ``HTTP2Stream/reset(_:)``, whose resets this side wants and does not count.
    guard !isMalformed else {
      session?.submitReset(stream.id, .protocolError)
      return
    }
    if isTooLarge { return application.refuseHeaders(head, on: stream) }
    stream.handler = application.handler(for: head, on: stream)
  }

  package func sent(_ frame: SessionFrame) {
    switch frame.kind {
    case .headers, .data:
      pings.answered()
      guard frame.endsStream, let stream = streams[frame.streamID] else { break }
      stream.isAnswerSent = true
      // A complete answer does not wait for the rest of its request (RFC 9113 section 8.1).
      if stream.isInputOpen, stream.discardAllowance <= 0 { stream.reset(.noError) }
    case .reset:
      numbers.reset(frame.streamID)
      // nghttp2 ends only the stream whose window a new SETTINGS_INITIAL_WINDOW_SIZE carries past its bound, where RFC
      // 9113 section 6.9.2 ends the connection.
      if hasNewSettings, frame.errorCode == .flowControlError {
        end(.flowControlError, .protocolError("SETTINGS that carry a window past its bound"))
      }
      // Rules broken on purpose make this side reset, which costs as much (CVE-2025-8671).
      if streams[frame.streamID]?.wasResetHere != true, ending == nil, !resets.take(at: now) {
        tooMuch("stream errors")
      }
    case .goAway:
      isGoAwaySent = ending != nil
      // After the notice, so that its answer says that the notice was seen.
      if isDraining, !hasNamedLastStream { session?.submitPing() }
    case .priority, .settings, .ping, .other: break
    }
  }

  package func streamClosed(_ streamID: Int32, _ code: HTTP2ErrorCode) {
    guard let stream = streams.removeValue(forKey: streamID) else { return }
    lastActivity = now
    stream.cancelTask()
    stream.releaseKept()
    unsentBytes -= stream.output.count
    if stream.unconsumed > 0 { session?.consumeConnection(stream.unconsumed) }
    stream.handler?.closed(stream)
    stream.handler = nil
    if let most = limits.streamsPerConnection, streamCount >= most { nameLastStream() }
  }

  package func bodyToSend(_ streamID: Int32, room: Int) -> HTTP2Session.BodyPart {
    guard let stream = streams[streamID] else { return .bytes(0, isLast: true, hasTrailers: false) }
    let part = stream.output.next(room: room)
    if case .bytes(_, _, hasTrailers: true) = part { session?.submitTrailers(streamID, stream.output.trailers) }
    return part
  }

  package func sendBody(_ streamID: Int32, head: RawSpan, count: Int) -> Bool {
    guard let connection, let stream = streams[streamID] else { return true }
    if connection.isOutputFull, ending == nil { return false }
    connection.write(head.byteCount + count) { room in
      head.withUnsafeBytes { room.copyMemory(from: $0) }
      stream.output.move(to: UnsafeMutableRawBufferPointer(rebasing: room[head.byteCount...]))
    }
    unsentBytes -= count
    if stream.output.count == 0 { stream.outputDeadline = nil }
    if stream.wasFull, stream.output.count <= limits.streamUnsentBytes / 2 { drainedStreams.append(streamID) }
    return true
  }
}
