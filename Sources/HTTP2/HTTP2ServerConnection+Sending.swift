import FederationAPI
import Logging
import Transport

/// From the session to the connection, and the connection's end.
extension HTTP2ServerConnection {
  /// Sends what there is room for. Called at the end of every turn in which something was submitted.
  func flush() {
    guard let session, let connection, !session.isBusy else { return }
    do throws(HTTP2Session.Failure) {
      repeat {
        while !connection.isClosing, !connection.isOutputFull || ending != nil, !(ending != nil && isGoAwaySent) {
          guard try session.send({ connection.write($0) }) else { break }
        }
      } while tellDrainedStreams()
    } catch {
      return connection.abort(.transportError("HTTP/2: \(error.description)"))
    }
    hasNewSettings = false
    if connection.isClosing { return }
    if let ending { return connection.close(ending) }
    if session.isOver { connection.close(isDraining ? .draining : .finished) }
  }

  private func tellDrainedStreams() -> Bool {
    guard !drainedStreams.isEmpty else { return false }
    let drained = drainedStreams
    drainedStreams = []
    for stream in drained.compactMap({ streams[$0] }) {
      stream.wasFull = false
      stream.handler?.outputDrained(on: stream)
    }
    return true
  }

  /// Ends the connection with a GOAWAY, which leaves when this turn is over; what else is unsent is dropped.
  func end(_ code: HTTP2ErrorCode, _ reason: CloseReason, debug: String = "") {
    guard ending == nil else { return }
    ending = reason
    session?.submitGoAway(code, debug: debug)
    let isRoutine = if case .timeout = reason { true } else { false }
    writeLine(isRoutine ? .info : .warning, isRoutine ? "http2_timeout" : "http2_refused", reason.description)
  }

  /// Anybody outside can cause these lines, so they are bounded over all connections.
  func writeLine(_ level: LogLevel, _ event: StaticString, _ reason: String) {
    guard let connection, let suppressedBefore = refusalLines.admit(at: MonotonicTime.now.nanoseconds) else { return }
    log.write(
      level, event,
      ["peer": connection.peer, "reason": reason, "suppressed_before": String(suppressedBefore)])
  }

  /// The second GOAWAY of a drain: streams up to here are finished, and nothing else.
  func nameLastStream() {
    guard !hasNamedLastStream else { return }
    hasNamedLastStream = true
    session?.submitGoAway(.noError)
  }
}

private let refusalLines = LogLimit(linesPerSecond: 100)
