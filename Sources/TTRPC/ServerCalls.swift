import FederationAPI
import FederationProto
import Transport

/// From a frame to its answer.
extension TTRPCServerConnection {
  /// Takes one whole frame.
  func handle(_ header: FrameHeader, _ data: RawSpan, on connection: Connection) {
    switch header.kind {
    case FrameHeader.Kind.request: handleRequest(header, data, on: connection)
    case FrameHeader.Kind.data: handleData(header, data, on: connection)
    default: break
    }
  }

  /// Answers a frame whose data is too large to be looked at.
  func refuseTooLarge(_ header: FrameHeader, on connection: Connection) {
    if header.kind == FrameHeader.Kind.request, let error = streams.open(header.streamID) {
      return answer(header.streamID, .other, error, on: connection)
    }
    let text = "message of \(header.length) bytes is too large, at most \(limits.messageBytes)"
    if streaming[header.streamID] != nil {
      return endStream(header.streamID, RPCError(.resourceExhausted, text), on: connection)
    }
    answer(header.streamID, .other, RPCError(.resourceExhausted, text), on: connection)
  }

  private func handleRequest(_ header: FrameHeader, _ data: RawSpan, on connection: Connection) {
    let streamID = header.streamID
    if let error = streams.open(streamID) {
      // Its caller takes the Response for the end of a stream that has this id.
      return streaming[streamID] == nil
        ? answer(streamID, .other, error, on: connection) : endStream(streamID, error, on: connection)
    }
    guard header.flags & (FrameHeader.Flags.remoteClosed | FrameHeader.Flags.remoteOpen) == 0 else {
      return openStream(header, data, on: connection)
    }
    var method = CallMethod.other
    do throws(RPCError) {
      if isDraining {
        throw RPCError(.unavailable, "server is shutting down; retry on another connection")
      }
      let request = try readEnvelope(data)
      method = CallMethod(service: data.extracting(request.service), method: data.extracting(request.method))
      let deadline = try deadline(of: request)
      let context = context(of: request, data, deadline: deadline, on: connection)
      let reply = dispatcher.call(
        service: serviceName.text(request.service, in: data), method: methodName.text(request.method, in: data),
        payload: data.extracting(request.payload), context: context)
      switch consume reply {
      case .ready(let result): answer(streamID, method, result, on: connection)
      case .pending(let work): try start(work, streamID, method, deadline: deadline, on: connection)
      }
    } catch {
      answer(streamID, method, error, on: connection)
    }
  }

  /// What is known of a call besides its request.
  func context(
    of request: RequestEnvelope, _ data: RawSpan, deadline: MonotonicTime?, on connection: Connection
  ) -> CallContext {
    CallContext(
      authorization: request.authorization.flatMap { data.text($0) },
      workloadToken: request.workloadToken.flatMap { data.text($0) },
      peer: connection.peer, deadline: deadline, binding: identity)
  }

  func readEnvelope(_ data: RawSpan) throws(RPCError) -> RequestEnvelope {
    do { return try RequestEnvelope(data) } catch {
      throw RPCError(.invalidArgument, "request cannot be read: \(error)")
    }
  }

  func deadline(of request: RequestEnvelope) throws(RPCError) -> MonotonicTime? {
    guard request.timeoutNanoseconds != 0 else { return nil }
    guard request.timeoutNanoseconds > 0 else { throw .deadlinePassed }
    return lastActivity.advanced(byNanoseconds: UInt64(request.timeoutNanoseconds))
  }

  private func start(
    _ work: @escaping @Sendable () async -> Result<[UInt8], RPCError>, _ streamID: UInt32, _ method: CallMethod,
    deadline: MonotonicTime?, on connection: Connection
  ) throws(RPCError) {
    guard calls.taskCount < limits.concurrentCalls else {
      throw RPCError(
        .resourceExhausted,
        "\(limits.concurrentCalls) calls are running on this connection; wait for answers or use another")
    }
    let reference = connection.reference
    let task = Task {
      let result = await work()
      reference.run { connection in
        (connection.handler as? TTRPCServerConnection)?.taskEnded(streamID, result, on: connection)
      }
    }
    let asked = RunningCalls.Asked(method: method, at: lastActivity)
    if let wakeUp = calls.start(streamID, task, asked, deadline: deadline) {
      connection.setTimer(Timer.deadline, at: wakeUp)
    }
  }

  private func taskEnded(_ streamID: UInt32, _ result: Result<[UInt8], RPCError>, on connection: Connection) {
    guard let asked = calls.taskEnded(streamID) else { return }
    lastActivity = .now
    answer(streamID, asked.method, result, on: connection)
    countWait(asked, until: lastActivity)
    if isDraining { closeWhenDrained(connection) }
  }

  /// Ends the calls whose deadline has passed.
  func expireCalls(on connection: Connection) {
    let now = MonotonicTime.now
    let (expired, wakeUp) = calls.expire(now: now)
    for (streamID, asked) in expired {
      answer(streamID, asked.method, .deadlinePassed, on: connection)
      countWait(asked, until: now)
    }
    if let wakeUp { connection.setTimer(Timer.deadline, at: wakeUp) }
    if isDraining { closeWhenDrained(connection) }
  }

  private func countWait(_ asked: RunningCalls.Asked, until now: MonotonicTime) {
    counts?.waited(.ttrpc, asked.method, nanoseconds: asked.at.nanoseconds(until: now))
  }

  /// Data belongs to streaming calls.
  private func handleData(_ header: FrameHeader, _ data: RawSpan, on connection: Connection) {
    if takeData(header, data, on: connection) { return }
    let isEnd = header.flags & FrameHeader.Flags.remoteClosed != 0
    if streams.swallows(header.streamID, isEnd: isEnd) { return }
    let running = calls.cancel(header.streamID)
    let text = running == nil ? "is not open" : "is a unary call, which takes no data"
    answer(
      header.streamID, running?.method ?? .other, RPCError(.invalidArgument, "stream \(header.streamID) \(text)"),
      on: connection)
  }

  private func answer(
    _ streamID: UInt32, _ method: CallMethod, _ result: consuming Result<[UInt8], RPCError>, on connection: Connection
  ) {
    switch consume result {
    case .failure(let error): answer(streamID, method, error, on: connection)
    case .success(var payload):
      let size = ResponseFrame.length(payloadCount: payload.count)
      if size > limits.messageBytes {
        let text = "answer of \(size) bytes is too large, at most \(limits.messageBytes)"
        answer(streamID, method, RPCError(.resourceExhausted, text), on: connection)
      } else if connection.outputCount + size > limits.unsentBytes {
        answer(streamID, method, .notReadFastEnough, on: connection)
      } else {
        counts?.answered(.ttrpc, method, .ok)
        if method.asksWhoCalls { connection.notePeerProved() }
        ResponseFrame.withHead(payloadCount: payload.count, streamID: streamID) { connection.write($0) }
        connection.write(payload)
      }
      // It may hold a secret.
      payload.wipe()
    }
  }

  private func answer(_ streamID: UInt32, _ method: CallMethod, _ error: RPCError, on connection: Connection) {
    counts?.answered(.ttrpc, method, error.code)
    connection.write(ResponseFrame.error(error, streamID: streamID))
  }
}
