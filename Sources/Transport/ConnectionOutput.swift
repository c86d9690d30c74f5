import CLinux
import FederationAPI

/// From output buffer to socket, and the end of a connection.
extension Connection {
  /// Lets what this turn writes go into the loop's block, unless output of an earlier turn has to go first.
  func borrowOutputBlock() {
    if output.isEmpty, case .open = state { ownsOutputBlock = true }
  }

  /// Sends what the socket takes. Called at the end of a turn and when the socket has room again.
  func flush() {
    isDirty = false
    let failure: CloseReason?
    if ownsOutputBlock {
      ownsOutputBlock = false
      var block = loop.takeOutputBlock()
      failure = transmit(&block)
      if !block.isEmpty { output.append(block.bytes) }
      loop.giveBack(outputBlock: &block)
    } else {
      failure = transmit(&output)
    }
    if case .closed = state { return }
    if let failure { return destroy(failure) }
    if output.isEmpty, case .closing(let reason) = state { return linger(reason) }
    watchForStall()
    if wasOutputFull, output.count <= limits.outputLowWater, case .open = state {
      wasOutputFull = false
      handler?.outputDrained(on: self)
      loop.markReady(self)
    }
    updateInterest()
  }

  private func transmit(_ buffer: inout ByteBuffer) -> CloseReason? {
    if case .closed = state { return nil }
    if !isWarm { loop.keepWarm(self) }
    wantsWritable = false
    while !buffer.isEmpty {
      switch tls?.write(buffer.bytes) ?? plainWrite(buffer.bytes) {
      case .done(let count):
        buffer.consume(count)
        outputProgress &+= UInt64(count)
      case .wantsWrite:
        wantsWritable = true
        return nil
      case .wantsRead: return nil
      case .ended: return .peerClosed
      case .failed(let reason):
        // What could not be sent may have met a server that had refused the certificate, and said so before.
        tls?.lookForAlert()
        return failure(reason)
      }
    }
    return nil
  }

  private func plainWrite(_ bytes: UnsafeRawBufferPointer) -> TLSSession.Step {
    let count = send(socket.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    if count >= 0 { return .done(count) }
    let error = clinux_errno()
    if error == EAGAIN || error == EINTR { return .wantsWrite }
    return .failed(String(cString: strerror(error)))
  }

  private func watchForStall() {
    guard !output.isEmpty, !isStallTimerSet else { return }
    isStallTimerSet = true
    stallMark = outputProgress
    setInternalTimer(TimerTag.writeStall, after: limits.writeStallSeconds)
  }

  func stallTimerFired() {
    isStallTimerSet = false
    guard !output.isEmpty else { return }
    if outputProgress == stallMark { return destroy(.timeout("write")) }
    watchForStall()
  }

  func setInternalTimer(_ tag: UInt64, after seconds: Double) {
    loop.timers.insert(TimerQueue.Entry(at: MonotonicTime.now.advanced(bySeconds: seconds), slot: slot, tag: tag))
  }

  /// Sends what is left, then close_notify, then waits a while for the peer's end: closing with unread
  /// bytes would make the kernel reset the connection, and the reset could overtake the last answer.
  public func close(_ reason: CloseReason) {
    switch state {
    case .open:
      state = .closing(reason)
      loop.forgetInput(self)
      loop.markDirty(self)
    case .connecting, .handshaking:
      destroy(reason)
    case .closing, .lingering, .closed:
      break
    }
  }

  /// Ends the connection now; what was not sent is lost.
  public func abort(_ reason: CloseReason) { destroy(reason) }

  private func linger(_ reason: CloseReason) {
    tls?.sendCloseNotify()
    guard !isInputEnded else {
      state = .lingering(reason)
      return finish()
    }
    shutdown(socket.descriptor, Int32(SHUT_WR))
    state = .lingering(reason)
    setInternalTimer(TimerTag.linger, after: limits.lingerSeconds)
    updateInterest()
    discardInput()
  }

  /// The peer's end was seen, or has been waited for long enough.
  func finish() {
    guard case .lingering(let reason) = state else { return }
    destroy(reason)
  }

  func destroy(_ reason: CloseReason) {
    if case .closed = state { return }
    let wasOpening = handler == nil
    state = .closed
    loop.forgetInput(self)
    loop.remove(self)
    handler?.closed(self, reason: reason)
    handler = nil
    switch role {
    case .server(let place, _):
      leaveStrangerRoom()
      place.leave()
      loop.counts.open -= 1
      if wasOpening, tls != nil { loop.counts.handshakeEnded(reason) }
    case .client(_, let completion):
      if wasOpening { completion(.failure(Connection.dialError(reason))) }
    }
  }

  private static func dialError(_ reason: CloseReason) -> RPCError {
    switch reason {
    case .timeout: RPCError(.unavailable, "the server did not answer in time; nothing was sent, a retry is safe")
    case .refused: RPCError(.unauthenticated, "\(reason); nothing was sent")
    default: RPCError(.unavailable, "cannot connect: \(reason); nothing was sent, a retry is safe")
    }
  }

  /// What epoll is to be asked for: what can be used now, and nothing else, as level-triggered events would spin. The
  /// socket of a handshake is told of once, and asked for again after the step that it then waits for.
  var wantedInterest: UInt32 {
    switch state {
    case .open:
      (isInputPaused || isInputEnded || isOutputBlockingInput ? 0 : EPOLLIN.rawValue)
        | (wantsWritable ? EPOLLOUT.rawValue : 0)
    case .connecting: EPOLLOUT.rawValue
    case .handshaking where isHandshakeQueued: 0
    case .handshaking: EPOLLONESHOT.rawValue | EPOLLIN.rawValue | (wantsWritable ? EPOLLOUT.rawValue : 0)
    case .closing: wantsWritable ? EPOLLOUT.rawValue : 0
    case .lingering: EPOLLIN.rawValue
    case .closed: interest
    }
  }

  func updateInterest() {
    let wanted = wantedInterest
    guard wanted != interest else { return }
    interest = wanted
    loop.modifyInterest(self)
  }
}
