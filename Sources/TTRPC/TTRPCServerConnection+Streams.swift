import FederationAPI
import FederationProto
import Transport

/// Streaming calls: a Request that opens one, Data both ways, and a Response that says how it ended.
///
/// ttrpc has no flow control for a stream, so what a call has to say is asked for only while the connection's output has
/// room: nothing is queued for a peer that does not read.
extension TTRPCServerConnection {
  /// Opens the stream that a Request with flags asks for.
  func openStream(_ header: FrameHeader, _ data: RawSpan, on connection: Connection) {
    let streamID = header.streamID
    let isInputOpen = header.flags & FrameHeader.Flags.remoteOpen != 0
    var method = CallMethod.other
    do throws(RPCError) {
      if isDraining { throw RPCError(.unavailable, "server is shutting down; retry on another connection") }
      guard !isInputOpen || header.flags & FrameHeader.Flags.remoteClosed == 0 else {
        throw RPCError(.invalidArgument, "a request is remote open or remote closed, not both")
      }
      let request = try readEnvelope(data)
      method = CallMethod(service: data.extracting(request.service), method: data.extracting(request.method))
      let deadline = try deadline(of: request)
      guard streaming.count < limits.concurrentStreams else {
        throw RPCError(
          .resourceExhausted, "\(limits.concurrentStreams) streams are open on this connection; use another")
      }
      let context = context(of: request, data, deadline: deadline, on: connection)
      let reference = connection.reference
      let stream = try dispatcher.stream(
        service: serviceName.text(request.service, in: data), method: methodName.text(request.method, in: data),
        context: context
      ) {
        reference.run { connection in
          guard let handler = connection.handler as? TTRPCServerConnection else { return }
          handler.pump(streamID, on: connection)
          if handler.isDraining { handler.closeWhenDrained(connection) }
        }
      }
      let payload = data.extracting(request.payload)
      let hasMessage = !isInputOpen || !payload.isEmpty
      let open = OpenStreams.Open(
        stream: stream, method: method, isInputOpen: isInputOpen, deadline: deadline,
        firstMessageBy: hasMessage ? nil : lastActivity.advanced(bySeconds: limits.firstMessageSeconds))
      if let wakeUp = streaming.insert(streamID, open, now: lastActivity) {
        connection.setTimer(Timer.streams, at: wakeUp)
      }
      take(streamID, payload, hasMessage: hasMessage, isEnd: !isInputOpen, on: connection)
    } catch {
      if isInputOpen { streams.refuse(streamID) }
      counts?.answered(.ttrpc, method, error.code)
      connection.write(ResponseFrame.error(error, streamID: streamID))
    }
  }

  /// Takes Data of an open stream. False when `header` names none.
  func takeData(_ header: FrameHeader, _ data: RawSpan, on connection: Connection) -> Bool {
    guard let open = streaming[header.streamID] else { return false }
    let isEnd = header.flags & FrameHeader.Flags.remoteClosed != 0
    let hasNoMessage = header.flags & FrameHeader.Flags.noData != 0
    // Also how a caller gives a stream up: the protocol has no other way.
    if !open.isInputOpen {
      endStream(header.streamID, RPCError(.invalidArgument, "Data after remote closed ends the stream"), on: connection)
    } else if !data.isEmpty, isEnd || hasNoMessage {
      let text = "Data with the flag remote closed or no data carries no bytes"
      endStream(header.streamID, RPCError(.invalidArgument, text), on: connection)
    } else {
      take(header.streamID, data, hasMessage: !isEnd && !hasNoMessage, isEnd: isEnd, on: connection)
    }
    return true
  }

  private func take(_ streamID: UInt32, _ data: RawSpan, hasMessage: Bool, isEnd: Bool, on connection: Connection) {
    guard let open = streaming[streamID] else { return }
    if isEnd { streaming.endInput(streamID) }
    do throws(RPCError) {
      if hasMessage {
        streaming.messageCame(streamID)
        try open.stream.received(data)
      }
      if isEnd { try open.stream.inputEnded() }
      pump(streamID, on: connection)
    } catch {
      endStream(streamID, error, on: connection)
    }
  }

  /// Sends what a stream has, while there is room.
  func pump(_ streamID: UInt32, on connection: Connection) {
    guard let open = streaming[streamID] else { return }
    while !connection.isClosing {
      guard !connection.isOutputFull else { return streaming.block(streamID) }
      switch open.stream.next() {
      case .message(var message):
        guard message.count <= limits.messageBytes else {
          let text = "message of \(message.count) bytes is too large, at most \(limits.messageBytes)"
          message.wipe()
          return endStream(streamID, RPCError(.resourceExhausted, text), on: connection)
        }
        let header = FrameHeader(length: message.count, streamID: streamID, kind: FrameHeader.Kind.data).bytes
        connection.write(header.span.bytes)
        connection.write(message)
        if open.method.asksWhoCalls { connection.notePeerProved() }
        message.wipe()
      case .wait: return
      case .end(let error): return endStream(streamID, error, on: connection)
      }
    }
  }

  /// Lets streams go on that waited for room.
  func pumpBlocked(on connection: Connection) {
    for streamID in streaming.takeBlocked() { pump(streamID, on: connection) }
  }

  /// Ends a stream by a Response.
  func endStream(_ streamID: UInt32, _ error: RPCError, on connection: Connection) {
    guard let open = streaming.remove(streamID) else { return }
    open.stream.close()
    // What the caller sends before it sees the end is not answered.
    if open.isInputOpen { streams.refuse(streamID) }
    counts?.answered(.ttrpc, open.method, error.code)
    connection.write(ResponseFrame.error(error, streamID: streamID))
  }

  /// Ends the streams whose deadline has passed, or that have waited too long for their first message.
  func expireStreams(on connection: Connection) {
    let (ids, wakeUp) = streaming.expired(now: .now)
    for streamID in ids { endStream(streamID, .deadlinePassed, on: connection) }
    if let wakeUp { connection.setTimer(Timer.streams, at: wakeUp) }
    if isDraining { closeWhenDrained(connection) }
  }

  /// Has every stream end because the server stops.
  func drainStreams(on connection: Connection) {
    for streamID in streaming.ids {
      guard let open = streaming[streamID] else { continue }
      open.stream.drain()
      // Whether there is room or not: the end waits behind what is unsent.
      if case .end(let error) = open.stream.next() { endStream(streamID, error, on: connection) }
    }
  }

  /// Nobody is there any more.
  func closeStreams() {
    for streamID in streaming.ids {
      guard let open = streaming.remove(streamID) else { continue }
      open.stream.close()
      counts?.answered(.ttrpc, open.method, .cancelled)
    }
  }
}
