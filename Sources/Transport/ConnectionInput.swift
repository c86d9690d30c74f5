import CLinux
import FederationAPI

/// From socket to handler.
extension Connection {
  /// Reads at most this much in one turn, so that one busy connection does not starve the others.
  private static let turnBudget = 256 * 1024

  /// Reads what is there and shows it to the handler.
  func readAndDeliver() {
    var budget = Connection.turnBudget
    while case .open = state, !isInputPaused, !isOutputBlockingInput, !isInputEnded {
      guard budget > 0 else {
        loop.markReady(self)
        break
      }
      let (count, mayContinue) = readOnce()
      budget -= count
      if count > 0 { deliverInput() }
      if !mayContinue { break }
    }
    if isInputEnded, !isInputEndReported, !isInputPaused, !isOutputBlockingInput, case .open = state {
      isInputEndReported = true
      handler?.inputEnded(on: self)
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
    guard case .open = state, let handler, !input.isEmpty, !isInputPaused, !isOutputBlockingInput else { return }
    let before = input.count
    // Taken out of the connection while it is lent: a handler that closes or aborts must not free what it reads.
    var lent = ByteBuffer()
    swap(&lent, &input)
    let consumed = handler.receive(lent.bytes.bytes, on: self)
    guard case .open = state else {
      loop.inputBytes -= before
      return
    }
    lent.consume(min(max(0, consumed), before))
    swap(&lent, &input)
    loop.inputBytes += input.count - before
    loop.shedInput(downTo: limits.loopInputBudget)
  }

  /// One pass of reads into the input buffer. Returns the bytes gained and whether more may be there now.
  private func readOnce() -> (count: Int, mayContinue: Bool) {
    let room = 16 * 1024
    let start = input.reserve(room)
    let step = tls?.read(into: start, room) ?? plainRead(start, room)
    switch step {
    case .done(let count):
      input.commit(count)
      loop.inputBytes += count
      return (count, tls?.hasPending ?? (count == room))
    case .wantsRead:
      break
    case .wantsWrite:
      wantsWritable = true
    case .ended:
      isInputEnded = true
    case .failed(let reason):
      dropEmptyInput()
      destroy(.transportError(reason))
      return (0, false)
    }
    dropEmptyInput()
    return (0, false)
  }

  private func dropEmptyInput() {
    if input.isEmpty { input.clear() }
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
