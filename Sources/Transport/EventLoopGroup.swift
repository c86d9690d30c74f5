import CLinux
import FederationAPI
import Logging
import Synchronization
import Threads

/// Event loops, one thread each, that share listening ports and take turns for outgoing connections.
public final class EventLoopGroup: Sendable {
  private let mailboxes: [Mailbox]
  private let next = Atomic<Int>(0)
  private let ending: Ending
  private let log: Log

  /// Starts `loops` threads, at least one, called `name` and a number. Throws ``TransportError`` when the system gives no
  /// epoll or thread.
  public init(loops: Int = 1, name: String = "loop", log: Log) throws(TransportError) {
    self.log = log
    var mailboxes: [Mailbox] = []
    for _ in 0..<max(1, loops) { mailboxes.append(try Mailbox()) }
    self.mailboxes = mailboxes
    let ending = Ending(loops: mailboxes.count)
    self.ending = ending
    for (index, mailbox) in mailboxes.enumerated() {
      do throws(ThreadError) {
        try startDetachedThread(name: "\(name)-\(index)") {
          defer { ending.loopEnded() }
          do throws(TransportError) {
            try EventLoop(mailbox: mailbox, log: log).run()
          } catch {
            log.write(.error, "event_loop_failed", ["reason": error.description])
          }
        }
      } catch {
        throw TransportError(error.description)
      }
    }
  }

  /// Listens on `host:port` with a socket for each loop; port 0 picks a free one, which is returned.
  /// Throws when somebody listens there already, and when the address is not this machine's.
  ///
  /// `makeRefusal` makes the handler of connections past `limits.maximumConnections`, which should say so and
  /// close; without it they are closed at once.
  public func listen(
    host: String, port: UInt16, tls: ServerTLS?, limits: ListenerLimits = ListenerLimits(),
    makeHandler: @escaping @Sendable (_ alpn: String?) -> any ConnectionHandler,
    makeRefusal: (@Sendable (_ alpn: String?) -> any ConnectionHandler)? = nil
  ) throws(TransportError) -> ListenAddress {
    let refuse = makeRefusal.map { make -> ServerHandlerMaker in { alpn, _ in make(alpn) } }
    return try listen(
      host: host, port: port, tls: tls, limits: limits, makeIdentifiedHandler: { alpn, _ in makeHandler(alpn) },
      makeRefusal: refuse)
  }

  /// As the other form, for handlers that are told whom the peer's certificates prove it to be, which is nil where `tls`
  /// asks for none.
  public func listen(
    host: String, port: UInt16, tls: ServerTLS?, limits: ListenerLimits,
    makeIdentifiedHandler:
      @escaping @Sendable (_ alpn: String?, _ identity: ConnectionIdentity?) ->
      any ConnectionHandler,
    makeRefusal: (@Sendable (_ alpn: String?, _ identity: ConnectionIdentity?) -> any ConnectionHandler)?
  ) throws(TransportError) -> ListenAddress {
    guard var address = try SocketAddress.resolve(host: host, port: port, passive: true).first else {
      throw TransportError("host \"\(host)\" has no address")
    }
    try Listener.checkIsFree(address)
    let admission = ConnectionAdmission(limits)
    for mailbox in mailboxes {
      let socket = try Listener.bind(address)
      address = socket.localAddress()
      // A job is Sendable and a ~Copyable socket cannot be captured: the descriptor changes hands by number.
      let descriptor = socket.release()
      let (log, loops) = (log, mailboxes.count)
      mailbox.post(
        .onLoop { loop in
          let listener = Listener(
            socket: Socket(adopting: descriptor), tls: tls, limits: limits, loops: loops,
            admission: admission, makeHandler: makeIdentifiedHandler, makeRefusal: makeRefusal)
          do throws(TransportError) { try loop.add(listener) } catch {
            log.write(.error, "listen_failed", ["reason": error.description])
          }
        })
    }
    return address.listenAddress
  }

  /// Connects, shakes hands, makes the handler for the agreed protocol and returns once it is open.
  ///
  /// Throws ``RPCError`` with UNAVAILABLE; nothing has been sent then.
  public func connect(
    _ target: DialTarget, limits: ListenerLimits = ListenerLimits(),
    makeHandler: @escaping @Sendable (_ alpn: String?) -> any ConnectionHandler
  ) async throws(RPCError) -> ConnectionReference {
    let turn = next.add(1, ordering: .relaxed).newValue
    let mailbox = mailboxes[abs(turn) % mailboxes.count]
    let result: Result<ConnectionReference, RPCError> = await withCheckedContinuation { continuation in
      let dial = Dial(target: target, limits: limits, mailbox: mailbox, makeHandler: makeHandler) { result in
        continuation.resume(returning: result)
      }
      dial.start()
    }
    return try result.get()
  }

  /// Asks each loop, between two of its turns, and gives their answers in the loops' order, after `seconds` at the latest.
  /// `read` must be quick: connections wait for it.
  public func ask<Value: Sendable>(
    within seconds: Double, _ read: @escaping @Sendable (LoopView) -> Value
  ) async -> [LoopAnswer<Value>] {
    let question = LoopQuestion<Value>(loops: mailboxes.count)
    for (index, mailbox) in mailboxes.enumerated() {
      let isPosted = mailbox.post(.onLoop { question.answer(index, .given(read(LoopView(loop: $0)))) })
      if !isPosted { question.answer(index, .ended) }
    }
    let patience = Task {
      try await Task.sleep(nanoseconds: UInt64(max(0, seconds) * 1e9))
      question.giveUp()
    }
    defer { patience.cancel() }
    return await question.wait()
  }

  /// Stops accepting, lets handlers finish for `graceSeconds`, then cuts off the rest and ends the threads.
  public func shutDown(graceSeconds: Double) async {
    for mailbox in mailboxes { mailbox.post(.onLoop { $0.drain() }) }
    let (mailboxes, ending) = (self.mailboxes, self.ending)
    let cutOff = Task {
      try await Task.sleep(nanoseconds: UInt64(max(0, graceSeconds) * 1e9))
      for mailbox in mailboxes { mailbox.post(.onLoop { $0.abortAll() }) }
    }
    await ending.wait()
    cutOff.cancel()
  }
}

/// Knows when the last loop has ended.
private final class Ending: Sendable {
  private struct State {
    var running: Int
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(loops: Int) { state = Mutex(State(running: loops)) }

  func loopEnded() {
    let waiters = state.withLock { state in
      state.running -= 1
      guard state.running == 0 else { return [CheckedContinuation<Void, Never>]() }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.running > 0 { state.waiters.append(continuation) }
        return state.running == 0
      }
      if isOver { continuation.resume() }
    }
  }
}
