import FederationAPI
import Transport

/// A connection made for one call: closed after the answer, or then left open and idle.
final class SingleCallConnection: ConnectionHandler {
  private let run: LoadRun
  private let index: Int
  private let call: Call
  private let staysOpen: Bool
  private let ended: @Sendable () -> Void
  private let wire: any CallWire
  private var isAnswered = false

  /// `ended` is called once, on the loop, when the answer is there or will not come.
  init(
    run: LoadRun, index: Int, call: Call, staysOpen: Bool = false, ended: @escaping @Sendable () -> Void
  ) {
    self.run = run
    self.index = index
    self.call = call
    self.staysOpen = staysOpen
    self.ended = ended
    wire = run.wires.make(capacity: 2)
  }

  func opened(_ connection: Connection) {
    run.handshakeDone()
    // The server answers a connection's calls in any order, but binds before it goes on to what came behind.
    if run.options.identity == .bound {
      send(run.bindingCall(index), on: connection)
    } else {
      send(call, on: connection)
    }
  }

  private func send(_ call: Call, on connection: Connection) {
    wire.send(call, to: connection)
    wire.flush(to: connection)
  }

  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    var offset = 0
    while true {
      switch wire.nextReply(in: bytes, at: &offset) {
      case .reply(let answered, let fault):
        if run.options.identity == .bound, answered.kind == .authenticate, fault == nil {
          send(call, on: connection)
        } else {
          finish(fault, on: connection)
        }
      case .incomplete:
        wire.flush(to: connection)
        return offset
      case .broken(let reason):
        connection.abort(.protocolError(reason))
        return offset
      }
    }
  }

  private func finish(_ fault: ReplyFault?, on connection: Connection) {
    isAnswered = true
    if staysOpen {
      if let fault { run.fail("an idle connection's call: " + run.describe(fault, call)) }
    } else {
      run.answered(call, fault, now: MonotonicTime.now.nanoseconds)
      connection.close(.finished)
    }
    ended()
  }

  func inputEnded(on connection: Connection) { connection.close(.peerClosed) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.finished) }

  func closed(_ connection: Connection, reason: CloseReason) {
    if staysOpen {
      run.fail("an idle connection ended in the middle of the run: \(reason)")
    } else if !isAnswered {
      run.lost(call, because: "its connection ended: \(reason)")
      ended()
    }
  }
}
