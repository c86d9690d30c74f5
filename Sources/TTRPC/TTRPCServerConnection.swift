import FederationAPI
import FederationProto
import Logging
import Transport

/// The server's side of one ttrpc connection.
///
/// Source: containerd/ttrpc, PROTOCOL.md, and what its Go server does where that is silent. Calls that are
/// answered at once are answered within ``receive(_:on:)``; the others run as tasks, see ``RunningCalls``.
public final class TTRPCServerConnection: ConnectionHandler {
  /// Tags of this handler's timers.
  enum Timer {
    static let upkeep: UInt64 = 1
    static let deadline: UInt64 = 2
    static let drain: UInt64 = 3
    static let streams: UInt64 = 4
  }

  let dispatcher: any RPCDispatcher
  let limits: TTRPCLimits
  let log: Log
  let identity: ConnectionIdentity
  var calls = RunningCalls()
  var streams = StreamIDs()
  var streaming = OpenStreams()
  var serviceName = InternedText()
  var methodName = InternedText()
  var isDraining = false
  /// What calls are answered from without waiting; nil when all are dispatched.
  var session: (any ImmediateSession)?
  var lastActivity = MonotonicTime(nanoseconds: 0)
  /// Those of the connection's loop.
  private(set) var counts: CallCounts?
  private var reader: FrameReader
  private var frameStarted: MonotonicTime?

  /// Serves `dispatcher` on one connection, whose peer is `identity` where it has proved that already.
  public init(
    dispatcher: any RPCDispatcher, identity: ConnectionIdentity? = nil, limits: TTRPCLimits = TTRPCLimits(), log: Log
  ) {
    self.dispatcher = dispatcher
    self.identity = identity ?? ConnectionIdentity()
    self.limits = limits
    self.log = log
    reader = FrameReader(maximumLength: limits.messageBytes)
  }

  /// Starts the upkeep.
  public func opened(_ connection: Connection) {
    lastActivity = connection.now
    counts = connection.loopState(of: CallCounts.owner) { CallCounts() } as? CallCounts
    counts?.opened(.ttrpc)
    connection.setTimer(Timer.upkeep, at: lastActivity.advanced(bySeconds: upkeepSeconds))
    if let owner = dispatcher.owner {
      let answers = connection.loopState(of: owner) { dispatcher.makeImmediateAnswers() }
      session = (answers as? any ImmediateAnswers)?.session(binding: identity, peer: connection.peer)
    }
  }

  /// Answers whole frames until they end or the output is full.
  public func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    var offset = 0
    lastActivity = connection.now
    while !connection.isClosing {
      // While the peer does not read its answers, a frame that stays unfinished is not its sender's fault.
      if connection.isOutputFull {
        frameStarted = nil
        return offset
      }
      switch reader.next(in: bytes, at: &offset) {
      case .frame(let header, let range):
        frameStarted = nil
        let data = bytes.extracting(range)
        if !answerAtOnce(header, data, on: connection) { handle(header, data, on: connection) }
      case .tooLarge(let header):
        frameStarted = lastActivity
        refuseTooLarge(header, on: connection)
      case .incomplete:
        if reader.unfinished == 0 { frameStarted = nil } else { frameStarted = frameStarted ?? lastActivity }
        if isDraining { closeWhenDrained(connection) }
        return offset
      case .broken:
        fail("the first byte of a frame is not 0; this is not ttrpc, or not in step", on: connection)
      }
    }
    return bytes.byteCount
  }

  /// As Go's server does, takes the end of input for the end of interest and cancels what runs.
  public func inputEnded(on connection: Connection) {
    cancelAll()
    connection.close(.peerClosed)
  }

  /// Goes on with streams; ``receive(_:on:)`` is called next, and a drain may have waited for this.
  public func outputDrained(on connection: Connection) {
    if !streaming.isEmpty { pumpBlocked(on: connection) }
    if isDraining { connection.setTimer(Timer.drain, at: MonotonicTime.now.advanced(byNanoseconds: 10_000_000)) }
  }

  /// Whether no call runs.
  public var isIdle: Bool { calls.isEmpty && streaming.isEmpty }

  /// Upkeep, deadlines, and the end of a drain.
  public func timerFired(_ tag: UInt64, on connection: Connection) {
    switch tag {
    case Timer.upkeep: upkeep(connection)
    case Timer.deadline: expireCalls(on: connection)
    case Timer.drain: closeWhenDrained(connection)
    case Timer.streams: expireStreams(on: connection)
    default: break
    }
  }

  /// Refuses new calls from now on and closes when the last running one is answered.
  public func drain(on connection: Connection) {
    isDraining = true
    drainStreams(on: connection)
    closeWhenDrained(connection)
  }

  /// Cancels what runs: nobody is there for the answers.
  public func closed(_ connection: Connection, reason: CloseReason) {
    cancelAll()
    counts?.closed(.ttrpc)
    log.write(.debug, "ttrpc_closed", ["peer": connection.peer, "reason": reason.description])
  }

  private func cancelAll() {
    for call in calls.cancelAll() { counts?.answered(.ttrpc, call.method, .cancelled) }
    closeStreams()
  }

  /// Closes with `reason` in the log; answers that are written already still go out.
  func fail(_ reason: String, on connection: Connection) {
    log.write(
      .warning, "ttrpc_protocol_error", within: outOfStep, at: connection.now.nanoseconds,
      ["peer": connection.peer, "reason": reason])
    connection.close(.protocolError(reason))
  }

  /// Ends a drain when no call runs and no request waits behind a full output.
  func closeWhenDrained(_ connection: Connection) {
    if isDraining, calls.isEmpty, streaming.isEmpty, !connection.isOutputFull { connection.close(.draining) }
  }

  /// One timer looks after idleness and slow senders, so that neither costs anything for each frame.
  private func upkeep(_ connection: Connection) {
    let now = MonotonicTime.now
    if connection.isOutputFull { frameStarted = nil }
    if let frameStarted {
      let allowed = limits.frameSeconds + Double(reader.unfinished >> 16)
      if frameStarted.advanced(bySeconds: allowed) <= now { return timeOut("frame", connection) }
    } else if isIdle, lastActivity.advanced(bySeconds: idleSeconds(connection)) <= now {
      return timeOut("idle", connection)
    }
    connection.setTimer(Timer.upkeep, at: now.advanced(bySeconds: upkeepSeconds))
  }

  private func idleSeconds(_ connection: Connection) -> Double {
    connection.idleSeconds(known: limits.idleSeconds, stranger: limits.strangerIdleSeconds)
  }

  private var upkeepSeconds: Double {
    min(limits.idleSeconds, limits.strangerIdleSeconds, limits.frameSeconds, 40) / 4
  }

  private func timeOut(_ which: String, _ connection: Connection) {
    log.write(
      .info, "ttrpc_timeout", within: timeouts, at: connection.now.nanoseconds,
      ["peer": connection.peer, "timeout": which])
    connection.close(.timeout(which))
  }
}

// Anybody outside can cause these lines, so they are bounded over all connections.
private let outOfStep = LogLimit(linesPerSecond: 100)
private let timeouts = LogLimit(linesPerSecond: 100)
