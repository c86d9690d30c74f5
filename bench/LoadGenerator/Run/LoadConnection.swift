import FederationAPI
import Transport

extension Connection: RequestOutput {}

/// One of a run's connections, which keeps its calls under way.
final class LoadConnection: ConnectionHandler {
  private let run: LoadRun
  private let index: Int
  private let wire: any CallWire
  private var connection: Connection?
  private var outstanding = 0
  private var isReady = false

  init(run: LoadRun, index: Int) {
    self.run = run
    self.index = index
    wire = run.wires.make(capacity: run.options.inFlight)
  }

  func opened(_ connection: Connection) {
    self.connection = connection
    run.connections[index] = self
    guard run.wires.accepts(connection.alpn) else { return run.fail(run.wires.refusal(connection.alpn)) }
    if run.options.identity == .bound {
      wire.send(run.bindingCall(index), to: connection)
      wire.flush(to: connection)
    } else {
      becomeReady()
    }
  }

  private func becomeReady() {
    isReady = true
    run.connectionIsReady()
  }

  /// Sends until as many calls are under way as may be, or none is due.
  func fill() {
    guard let connection, isReady else { return }
    let now = MonotonicTime.now.nanoseconds
    while outstanding < run.options.inFlight, let call = run.nextCall(index, now: now) {
      outstanding += 1
      if run.takesNewConnection() {
        callOverNewConnection(call, from: connection.reference)
      } else {
        wire.send(call, to: connection)
      }
    }
    wire.flush(to: connection)
  }

  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    let now = MonotonicTime.now.nanoseconds
    var offset = 0
    while true {
      switch wire.nextReply(in: bytes, at: &offset) {
      case .reply(let call, let fault):
        if isReady {
          outstanding -= 1
          run.answered(call, fault, now: now)
        } else if let fault {
          run.fail(run.describe(fault, call))
        } else {
          becomeReady()
        }
      case .incomplete:
        fill()
        return offset
      case .broken(let reason):
        run.fail("connection \(index): \(reason)")
        connection.abort(.protocolError(reason))
        return offset
      }
    }
  }

  private func callOverNewConnection(_ call: Call, from origin: ConnectionReference) {
    let run = run
    let index = index
    let ended: @Sendable () -> Void = { run.connections[index]?.callElsewhereEnded() }
    run.dialer.dial { _ in
      SingleCallConnection(run: run, index: index, call: call, ended: ended)
    } failed: { reason in
      origin.run { _ in
        run.lost(call, because: reason)
        ended()
      }
    }
  }

  private func callElsewhereEnded() {
    outstanding -= 1
    fill()
  }

  func inputEnded(on connection: Connection) { connection.close(.peerClosed) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) { run.timerFired(tag, on: connection) }
  func drain(on connection: Connection) { connection.close(.finished) }

  func closed(_ connection: Connection, reason: CloseReason) {
    self.connection = nil
    run.fail("connection \(index) ended in the middle of the run: \(reason)")
  }
}
