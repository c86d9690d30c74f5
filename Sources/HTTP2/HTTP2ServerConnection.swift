import FederationAPI
import Logging
import Transport

/// The server's side of one HTTP/2 connection (RFC 9113), over nghttp2.
///
/// nghttp2 keeps the protocol's own rules; what a peer may do within them and for how long is bounded here, see
/// ``HTTP2Limits``. Requests go to an ``HTTP2Application``.
public final class HTTP2ServerConnection: ConnectionHandler {
  /// The protocol's name in ALPN (RFC 9113 section 3.1).
  public static let alpn = "h2"

  /// Tags of this handler's timers.
  enum Timer {
    static let upkeep: UInt64 = 1
    static let deadline: UInt64 = 2
    static let drain: UInt64 = 3
  }

  let application: any HTTP2Application
  let limits: HTTP2Limits
  let log: Log
  /// A cycle until ``closed(_:reason:)``.
  private(set) var connection: Connection?
  var session: HTTP2Session?
  var streams: [Int32: HTTP2Stream] = [:]
  var unsentBytes = 0
  var taskCount = 0
  var streamCount = 0
  var isDraining = false
  var hasNamedLastStream = false
  /// Why the connection is about to close, once a GOAWAY that says so is queued.
  var ending: CloseReason?
  var isGoAwaySent = false
  var hasPreface = false
  /// Whether SETTINGS came in this turn.
  var hasNewSettings = false
  var numbers = StreamNumbers()
  var lastActivity = MonotonicTime(nanoseconds: 0)
  var pings: PingPolicy
  var resets: RateBudget
  var settingsFrames: RateBudget
  var emptyDataFrames: RateBudget
  /// Streams whose output has room again, to be told when the session is off the stack.
  var drainedStreams: [Int32] = []
  private var timer = DeadlineTimer()
  private var keptBytes = 0
  private var loopBudget: LoopBudget?
  /// Those of the connection's loop.
  private(set) var counts: CallCounts?

  /// Serves one connection with `application`.
  public init(application: any HTTP2Application, limits: HTTP2Limits = HTTP2Limits(), log: Log) {
    self.application = application
    self.limits = limits
    self.log = log
    pings = PingPolicy(limits)
    resets = RateBudget(limits.resets)
    settingsFrames = RateBudget(limits.settingsFrames)
    emptyDataFrames = RateBudget(limits.emptyDataFrames)
  }

  /// Sends SETTINGS and starts the upkeep.
  public func opened(_ connection: Connection) {
    self.connection = connection
    lastActivity = connection.now
    loopBudget = connection.loopState(of: LoopBudget.owner) { LoopBudget() } as? LoopBudget
    counts = connection.loopState(of: CallCounts.owner) { CallCounts() } as? CallCounts
    counts?.opened(.http2)
    do throws(HTTP2Session.Failure) {
      session = try HTTP2Session(.server, limits: limits, delegate: self)
    } catch {
      return connection.abort(.transportError("HTTP/2: \(error.description)"))
    }
    application.opened(connection)
    connection.setTimer(Timer.upkeep, at: connection.now.advanced(bySeconds: upkeepSeconds))
    flush()
  }

  /// Reads all that came and sends what that led to.
  public func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    guard let session, ending == nil else { return bytes.byteCount }
    do throws(HTTP2Session.Failure) {
      try session.receive(bytes)
    } catch {
      end(error.errorCode, .protocolError(error.description))
    }
    flush()
    return bytes.byteCount
  }

  /// Takes the end of input for the end of interest: a peer that reads on could not give window for what it reads.
  public func inputEnded(on connection: Connection) {
    cancelAll()
    connection.close(.peerClosed)
  }

  /// Whether nothing is worked on. A stream that only waits for its caller, or for news to tell whoever it is, is no work.
  public var isIdle: Bool { taskCount == 0 }

  /// Goes on sending.
  public func outputDrained(on connection: Connection) { flush() }

  /// Upkeep, deadlines, and the end of a drain's round trip.
  public func timerFired(_ tag: UInt64, on connection: Connection) {
    guard ending == nil else { return }
    switch tag {
    case Timer.upkeep: upkeep(connection)
    case Timer.deadline: expireStreams()
    case Timer.drain: nameLastStream()
    default: break
    }
    flush()
  }

  /// Says that the server is stopping, twice as RFC 9113 section 6.8 advises: the first GOAWAY costs no request that is
  /// on its way, and a round trip later the second names the last stream.
  public func drain(on connection: Connection) {
    guard !isDraining, ending == nil else { return }
    isDraining = true
    session?.submitShutdownNotice()
    for stream in streams.values { stream.handler?.drain(on: stream) }
    connection.setTimer(Timer.drain, at: MonotonicTime.now.advanced(bySeconds: limits.drainSeconds))
    flush()
  }

  /// Cancels what runs: nobody is there for the answers.
  public func closed(_ connection: Connection, reason: CloseReason) {
    cancelAll()
    counts?.closed(.http2)
    self.connection = nil
    log.write(.debug, "http2_closed", ["peer": connection.peer, "reason": reason.description])
  }

  private func cancelAll() {
    let all = streams
    streams = [:]
    for stream in all.values {
      stream.cancelTask()
      stream.releaseKept()
      stream.handler?.closed(stream)
    }
  }

  // MARK: What streams ask for

  func run(_ streamID: Int32, _ body: (HTTP2Stream) -> Void) {
    if let stream = streams[streamID] { body(stream) }
    flush()
  }

  func taskEnded(_ streamID: Int32, _ finish: (HTTP2Stream) -> Void) {
    taskCount -= 1
    run(streamID) { stream in
      // A stream that has given its task up is answered already.
      guard stream.task != nil else { return }
      stream.task = nil
      finish(stream)
    }
  }

  func keep(_ count: Int) -> Bool {
    guard keptBytes + count <= limits.unfinishedBytes,
      loopBudget?.take(count, limit: limits.loopUnfinishedBytes) ?? true
    else { return false }
    guard connection?.mayKeep(count) ?? true else {
      loopBudget?.giveBack(count)
      return false
    }
    keptBytes += count
    return true
  }

  func release(_ count: Int) {
    keptBytes -= count
    loopBudget?.giveBack(count)
    connection?.release(count)
  }

  func wake(for deadline: MonotonicTime) {
    guard let connection, let time = timer.wakeUp(for: deadline, now: connection.now) else { return }
    connection.setTimer(Timer.deadline, at: time)
  }

  // MARK: Time

  private func expireStreams() {
    let now = MonotonicTime.now
    timer.fired(now: now)
    var earliest: MonotonicTime?
    for stream in streams.values {
      guard let deadline = stream.deadline else { continue }
      if deadline <= now {
        stream.deadline = nil
        stream.handler?.expired(.deadline, on: stream)
      } else {
        earliest = min(earliest ?? deadline, deadline)
      }
    }
    if let earliest { wake(for: earliest) }
  }

  private func upkeep(_ connection: Connection) {
    let now = MonotonicTime.now
    if !hasPreface {
      if lastActivity.advanced(bySeconds: limits.headerSeconds) <= now { return end(.noError, .timeout("preface")) }
    } else if streams.isEmpty, lastActivity.advanced(bySeconds: idleSeconds(connection)) <= now {
      return end(.noError, .timeout("idle"))
    }
    for stream in streams.values {
      if let deadline = stream.outputDeadline, deadline <= now {
        stream.outputDeadline = nil
        writeLine(.info, "http2_timeout", "the peer gives no window")
        stream.reset(.cancel)
      }
      guard let deadline = stream.inputDeadline, deadline <= now else { continue }
      stream.inputDeadline = nil
      guard let handler = stream.handler else { return end(.enhanceYourCalm, .timeout("headers")) }
      if stream.isAnswerSent {
        stream.reset(.noError)
      } else if stream.isAnswered {
        stream.discardAllowance = 0
      } else {
        handler.expired(.input, on: stream)
      }
    }
    connection.setTimer(Timer.upkeep, at: now.advanced(bySeconds: upkeepSeconds))
  }

  private func idleSeconds(_ connection: Connection) -> Double {
    connection.idleSeconds(known: limits.idleSeconds, stranger: limits.strangerIdleSeconds)
  }

  private var upkeepSeconds: Double {
    let idle = min(limits.idleSeconds, limits.strangerIdleSeconds)
    return min(idle, limits.headerSeconds, limits.bodySeconds, limits.outputSeconds, 40) / 4
  }
}

/// What the connections of one loop keep of unfinished requests, together.
final class LoopBudget {
  /// Any object would do, as long as it is always the same.
  static let owner = Owner()
  final class Owner: Sendable {}

  private var used = 0

  func take(_ count: Int, limit: Int) -> Bool {
    guard used + count <= limit else { return false }
    used += count
    return true
  }

  func giveBack(_ count: Int) { used -= count }
}
