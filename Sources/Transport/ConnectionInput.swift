import CLinux
import FederationAPI

/// From socket to handler.
extension Connection {
  /// Reads at most this much in one turn, so that one busy connection does not starve the others.
  private static let turnBudget = 256 * 1024
  /// Output up to this size may wait for other connections' turns.
  private static let smallOutput = 1_024
  /// What one read may bring: a TLS record's largest content (RFC 8446 section 5.1).
  private static let recordBytes = 16 * 1024

  /// Reads what is there, shows it to the handler, and sends what that wrote.
  func readAndDeliver() {
    var budget = Connection.turnBudget
    if !isWarm { loop.keepWarm(self) }
    borrowOutputBlock()
    while case .open = state, !isInputPaused, !isOutputBlockingInput, !isInputEnded {
      guard budget > 0 else {
        loop.markReady(self)
        break
      }
      let isSmall = input.count <= EventLoop.blockBytes / 4
      let (count, mayContinue) = isSmall ? deliverThroughBlock() : deliverThroughInput()
      budget -= count
      if !mayContinue { break }
    }
    countInput()
    // Also what has only grown.
    loop.shedInput(downTo: limits.loopInputBudget)
    if isInputEnded, !isInputEndReported, !isInputPaused, !isOutputBlockingInput, case .open = state {
      isInputEndReported = true
      handler?.inputEnded(on: self)
    }
    if ownsOutputBlock, loop.hasMoreEvents, loop.outputBlockCount <= Connection.smallOutput, case .open = state {
      postponeOutput()
    } else if ownsOutputBlock || isDirty {
      flush()
    } else {
      updateInterest()
    }
  }

  /// Leaves what this turn wrote to the end of the loop's round, for peers that wait for one small answer each: sent one
  /// after another they wake a peer's process once, and sent between reads they wake it each time.
  private func postponeOutput() {
    ownsOutputBlock = false
    if loop.outputBlockCount > 0 {
      var block = loop.takeOutputBlock()
      output.append(block.bytes)
      loop.giveBack(outputBlock: &block)
      loop.markDirty(self)
    }
    updateInterest()
  }

  /// Goes on after a pause: first with the bytes that are here, then with the socket.
  func continueInput() {
    deliverInput()
    readAndDeliver()
  }

  /// Shows the handler what it has not consumed, as long as it takes some.
  func deliverInput() {
    guard case .open = state, !input.isEmpty, !isInputPaused, !isOutputBlockingInput else { return }
    let before = input.count
    // Taken out of the connection while it is lent: a handler that closes or aborts must not free what it reads.
    var lent = ByteBuffer()
    swap(&lent, &input)
    show(&lent)
    guard case .open = state else {
      loop.inputBytes -= before
      return
    }
    swap(&lent, &input)
    noteInput(from: before)
  }

  private func show(_ lent: inout ByteBuffer) {
    guard let handler, !lent.isEmpty else { return }
    let consumed = handler.receive(lent.bytes.bytes, on: self)
    lent.consume(min(max(0, consumed), lent.count))
  }

  private func noteInput(from before: Int) {
    guard input.count != before else { return }
    loop.inputBytes += input.count - before
    loop.shedInput(downTo: limits.loopInputBudget)
  }

  /// Reads into the loop's block and keeps only what the handler left of it: between turns most connections hold no
  /// input of their own.
  private func deliverThroughBlock() -> (count: Int, mayContinue: Bool) {
    var block = loop.takeInputBlock()
    let before = input.count
    if before > 0 {
      block.append(input.bytes)
      input.clear()
    }
    var total = 0
    var mayContinue = true
    var failure: String?
    while mayContinue, failure == nil, block.count + Connection.recordBytes <= EventLoop.blockBytes {
      let count: Int
      (count, mayContinue, failure) = readOnce(into: &block)
      total += count
    }
    if total > 0 { show(&block) }
    if case .open = state {
      if !block.isEmpty { input.append(block.bytes) }
      noteInput(from: before)
    } else {
      loop.inputBytes -= before
    }
    loop.giveBack(inputBlock: &block)
    if let failure { destroy(self.failure(failure)) }
    return (total, mayContinue)
  }

  /// Reads behind what is here already, for messages that are larger than the loop's block.
  private func deliverThroughInput() -> (count: Int, mayContinue: Bool) {
    let (count, mayContinue, failure) = readOnce(into: &input)
    loop.inputBytes += count
    if count > 0 { deliverInput() }
    if let failure { destroy(self.failure(failure)) }
    return (count, mayContinue)
  }

  /// Why a connection ends whose socket or TLS has failed for `reason`.
  func failure(_ reason: String) -> CloseReason {
    tls?.alert?.refusal.map(CloseReason.refused) ?? .transportError(reason)
  }

  /// One read. Returns the bytes gained, whether more may be there now, and why the connection has failed.
  private func readOnce(into buffer: inout ByteBuffer) -> (count: Int, mayContinue: Bool, failure: String?) {
    let room = Connection.recordBytes
    let start = buffer.reserve(room)
    switch tls?.read(into: start, room) ?? plainRead(start, room) {
    case .done(let count):
      buffer.commit(count)
      return (count, tls?.hasPending ?? (count == room), nil)
    case .wantsRead: return (0, false, nil)
    case .wantsWrite:
      wantsWritable = true
      return (0, false, nil)
    case .ended:
      isInputEnded = true
      return (0, false, nil)
    case .failed(let reason): return (0, false, reason)
    }
  }

  private func plainRead(_ start: UnsafeMutableRawPointer, _ room: Int) -> TLSSession.Step {
    let count = read(socket.descriptor, start, room)
    if count > 0 { return .done(count) }
    if count == 0 { return .ended }
    let error = clinux_errno()
    if error == EAGAIN || error == EINTR { return .wantsRead }
    return .failed(String(cString: strerror(error)))
  }

  /// Reads and drops, until the peer's end, what comes after our own end.
  func discardInput() {
    withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 16) { scratch in
      for _ in 0..<16 {
        let count = read(socket.descriptor, scratch.baseAddress, scratch.count)
        if count > 0 { continue }
        if count < 0, clinux_errno() == EAGAIN || clinux_errno() == EINTR { return }
        return finish()
      }
    }
  }
}
