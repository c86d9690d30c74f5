import FederationAPI
import Transport

/// One run on one event loop: which calls are due, what was counted, and when the window begins and ends.
final class LoadRun: @unchecked Sendable {
  // Why @unchecked holds: after `init` everything mutable is used on the one event loop of the run's group, where all
  // its connections live; what others need goes through `events`.

  enum Phase {
    /// Connections are being made.
    case preparing
    case warmUp
    case measuring
    /// Nothing new is due; what is under way is waited for.
    case draining
    case ended
  }

  /// Timer tags of the first connection, which the run's clock hangs on.
  enum Tag {
    static let begin: UInt64 = 1
    static let end: UInt64 = 2
    static let cutOff: UInt64 = 3
    static let progress: UInt64 = 4
    static let pace: UInt64 = 5
  }

  /// How long after the window an answer may still come.
  private static let graceSeconds = 10.0

  let options: RunOptions
  let wires: WireFactory
  let dialer: Dialer
  let events: AsyncStream<RunEvent>.Continuation
  var connections: [LoadConnection?]
  private(set) var phase = Phase.preparing
  private(set) var counts = RunCounts()
  private var plan: CallPlan
  private var schedule: Schedule?
  private var ready = 0
  private var outstanding = 0
  /// Calls that ``RunOptions/calls`` still allows.
  private var callsLeft: Int
  private var windowStart: UInt64 = 0
  private var windowEnd = UInt64.max
  private var cpuAtStart: Double?
  private var ownCPUAtStart: Double?

  init(
    options: RunOptions, plan: CallPlan, wires: WireFactory, dialer: Dialer,
    events: AsyncStream<RunEvent>.Continuation
  ) {
    self.options = options
    self.plan = plan
    self.wires = wires
    self.dialer = dialer
    self.events = events
    callsLeft = options.calls ?? .max
    connections = [LoadConnection?](repeating: nil, count: options.connections)
  }

  // MARK: The clock

  /// A connection is there, and bound where it is to be; an idle one has had its call.
  func connectionIsReady() {
    ready += 1
    if ready == options.connections + options.idle { events.yield(.ready) }
  }

  /// Starts calls; runs on the loop, on the connection that the clock hangs on.
  func start(_ anchor: Connection) {
    let now = MonotonicTime.now
    phase = .warmUp
    if let rate = options.rate {
      schedule = Schedule(start: now.nanoseconds, rate: rate, connections: options.connections)
    }
    if options.calls == nil {
      anchor.setTimer(Tag.begin, at: now.advanced(bySeconds: options.warmUp))
    } else {
      beginWindow(anchor)
    }
    if options.showsProgress { anchor.setTimer(Tag.progress, at: now.advanced(bySeconds: 1)) }
    if schedule != nil {
      pace(anchor)
    } else {
      for connection in connections { connection?.fill() }
    }
  }

  func timerFired(_ tag: UInt64, on anchor: Connection) {
    switch tag {
    case Tag.begin: beginWindow(anchor)
    case Tag.end: endWindow(anchor)
    case Tag.cutOff: finish()
    case Tag.pace: pace(anchor)
    case Tag.progress:
      guard phase == .warmUp || phase == .measuring else { return }
      let seconds = phase == .measuring ? Double(MonotonicTime.now.nanoseconds - windowStart) / 1e9 : 0
      events.yield(.progress(counts, seconds: seconds))
      anchor.setTimer(Tag.progress, at: MonotonicTime.now.advanced(bySeconds: 1))
    default: break
    }
  }

  private func beginWindow(_ anchor: Connection) {
    guard phase == .warmUp else { return }
    phase = .measuring
    let now = MonotonicTime.now
    windowStart = now.nanoseconds
    cpuAtStart = options.serverPID.flatMap { ServerProcess(pid: $0).cpuSeconds() }
    ownCPUAtStart = ServerProcess.own.cpuSeconds()
    anchor.setTimer(Tag.end, at: now.advanced(bySeconds: options.duration))
  }

  private func endWindow(_ anchor: Connection) {
    guard phase == .measuring else { return }
    let now = closeWindow()
    anchor.setTimer(Tag.cutOff, at: now.advanced(bySeconds: Self.graceSeconds))
    // Calls of the schedule that wait for a place are the window's too, however late they are sent.
    if schedule != nil { for connection in connections { connection?.fill() } }
    finishWhenDrained()
  }

  /// Takes the window's figures.
  private func closeWindow() -> MonotonicTime {
    let now = MonotonicTime.now
    windowEnd = now.nanoseconds
    counts.seconds = Double(windowEnd - windowStart) / 1e9
    if let pid = options.serverPID {
      let server = ServerProcess(pid: pid)
      if let before = cpuAtStart { counts.serverCPUSeconds = server.cpuSeconds().map { $0 - before } }
      counts.serverMaximumResidentKiB = server.maximumResidentKiB()
      if options.idle > 0 { counts.residentWithIdleKiB = server.residentKiB() }
    }
    if let before = ownCPUAtStart { counts.ownCPUSeconds = ServerProcess.own.cpuSeconds().map { $0 - before } }
    phase = .draining
    return now
  }

  private func finishWhenDrained() {
    guard phase == .draining, outstanding == 0 else { return }
    // An answer is counted before its connection sends what waits behind it.
    if schedule?.isMoreDue(before: windowEnd) ?? false { return }
    finish()
  }

  private func finish() {
    guard phase == .draining else { return }
    phase = .ended
    if outstanding > 0 {
      counts.fail("no answer came to \(outstanding) calls within \(Self.graceSeconds) s")
      counts.errors += UInt64(outstanding - 1)
    }
    countUnsent()
    events.yield(.finished(counts))
  }

  /// Ends the run without its figures.
  func fail(_ reason: String) {
    guard phase != .ended else { return }
    phase = .ended
    events.yield(.failed(reason))
  }

  // MARK: Calls

  /// The next call that the connection numbered `index` is to make now, nil when there is none.
  func nextCall(_ index: Int, now: UInt64) -> Call? {
    switch phase {
    case .warmUp, .measuring: break
    case .draining where schedule != nil: break
    case .draining, .preparing, .ended: return nil
    }
    guard callsLeft > 0 else { return nil }
    var intended = now
    if schedule != nil {
      guard let due = schedule?.take(index, now: now, before: windowEnd) else { return nil }
      intended = due
    }
    let usedBefore = plan.freshUsed
    guard let call = plan.next(connection: index, intended: intended) else {
      fail("the \(plan.freshUsed) fresh tokens have run out; make more with `federation-bench issuer --fresh N`")
      return nil
    }
    if phase == .measuring { counts.newTokens += UInt64(plan.freshUsed - usedBefore) }
    outstanding += 1
    callsLeft -= 1
    return call
  }

  func takesNewConnection() -> Bool { plan.takesNewConnection() }

  func bindingCall(_ index: Int) -> Call { plan.binding(connection: index) }

  func handshakeDone() {
    if phase == .measuring { counts.handshakes += 1 }
  }

  /// Counts an answer that came at `now`, or that will not come when `fault` says so.
  func answered(_ call: Call, _ fault: ReplyFault?, now: UInt64) {
    guard phase != .ended else { return }
    outstanding -= 1
    if let fault { counts.fail(describe(fault, call)) }
    if phase == .measuring { counts.requests += 1 }
    if schedule == nil ? phase == .measuring : isInWindow(call.intended) {
      counts.latencies.record(now > call.intended ? now - call.intended : 0)
    }
    if phase == .measuring, outstanding == 0, callsLeft == 0 { _ = closeWindow() }
    finishWhenDrained()
  }

  /// Counts a call that was lost with its connection.
  func lost(_ call: Call, because reason: String) {
    guard phase != .ended else { return }
    outstanding -= 1
    counts.fail("\(describe(call)): \(reason)")
    if phase == .draining { finishWhenDrained() }
  }

  private func isInWindow(_ intended: UInt64) -> Bool {
    (phase == .measuring || phase == .draining) && intended >= windowStart && intended < windowEnd
  }

  func describe(_ fault: ReplyFault, _ call: Call) -> String {
    switch fault {
    case .refused(let code, let message): "\(describe(call)): the server answered \(code) \(message)"
    case .wrongContent: "\(describe(call)): the answer is not the value that it must be"
    case .malformed: "\(describe(call)): the answer cannot be read"
    }
  }

  private func describe(_ call: Call) -> String {
    call.kind == .get ? "key-\(call.key)" : "Authenticate"
  }

  // MARK: Open loop

  /// Sends what is due and comes back for what is next. The transport's timers are good to a millisecond, so the last
  /// one before a call is spent polling: the generator has its core to itself.
  private func pace(_ anchor: Connection) {
    guard phase == .warmUp || phase == .measuring else { return }
    let now = MonotonicTime.now
    while let index = schedule?.announce(now: now.nanoseconds) { connections[index]?.fill() }
    guard let next = schedule?.nextDue else { return }
    let ahead = now.nanoseconds(until: MonotonicTime(nanoseconds: next))
    anchor.setTimer(Tag.pace, at: now.advanced(byNanoseconds: ahead > 1_200_000 ? ahead - 1_200_000 : 0))
  }

  /// What was never sent has waited at least until now.
  private func countUnsent() {
    let now = MonotonicTime.now.nanoseconds
    for index in connections.indices {
      while let due = schedule?.take(index, now: .max, before: windowEnd) {
        guard due >= windowStart else { continue }
        counts.unsent += 1
        counts.latencies.record(now > due ? now - due : 0)
      }
    }
  }
}

extension ServerProcess {
  /// This process.
  package static var own: ServerProcess { ServerProcess(pid: currentProcess()) }
}

/// What a run tells whoever started it.
enum RunEvent: Sendable {
  /// All connections are there.
  case ready
  /// A second has passed; `seconds` of the window are over, 0 in the warm-up.
  case progress(RunCounts, seconds: Double)
  case finished(RunCounts)
  case failed(String)
}
