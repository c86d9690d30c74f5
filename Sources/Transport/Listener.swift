import CLinux
import FederationAPI
import Logging

/// One loop's share of a listening port.
final class Listener {
  private let socket: Socket
  private let tls: ServerTLS?
  private let limits: ListenerLimits
  private let admission: ConnectionAdmission
  private let makeHandler: ServerHandlerMaker
  private let makeRefusal: ServerHandlerMaker?
  private var spare = clinux_open_spare_descriptor()
  private var budgets: AddressBudgets
  private var strangers = IdleStrangers()
  private var lastComplaint = MonotonicTime(nanoseconds: 0)

  var descriptor: Int32 { socket.descriptor }

  init(
    socket: consuming Socket, tls: ServerTLS?, limits: ListenerLimits, loops: Int, admission: ConnectionAdmission,
    makeHandler: @escaping ServerHandlerMaker, makeRefusal: ServerHandlerMaker?
  ) {
    self.socket = socket
    self.tls = tls
    self.limits = limits
    budgets = AddressBudgets(limits.connectionsPerAddress, loops: loops)
    self.admission = admission
    self.makeHandler = makeHandler
    self.makeRefusal = makeRefusal
  }

  deinit { if spare >= 0 { close(spare) } }

  /// Throws when somebody listens at `address` already.
  ///
  /// SO_REUSEPORT lets any process of the same user join a port unseen, and each would get some of the connections;
  /// a socket without it is refused where one listens.
  static func checkIsFree(_ address: SocketAddress) throws(TransportError) {
    guard address.listenAddress.port != 0 else { return }
    let socket = try Socket(family: address.family)
    socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
    let descriptor = socket.descriptor
    guard address.with({ CLinux.bind(descriptor, $0, $1) }) == 0 else {
      throw .system("cannot listen on \(address.listenAddress)")
    }
  }

  /// Binds and listens; every loop binds its own socket to the same port and the kernel spreads connections.
  static func bind(_ address: SocketAddress) throws(TransportError) -> Socket {
    let socket = try Socket(family: address.family)
    socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
    socket.set(SOL_SOCKET, SO_REUSEPORT, 1)
    // What it accepts has its settings (Linux, tcp(7)), without a system call each.
    socket.tuneConnection()
    let descriptor = socket.descriptor
    guard address.with({ CLinux.bind(descriptor, $0, $1) }) == 0 else {
      throw .system("cannot listen on \(address.listenAddress)")
    }
    guard listen(descriptor, 4096) == 0 else { throw .system("cannot listen on \(address.listenAddress)") }
    return socket
  }

  /// How many connections a turn may accept: the loop's other work has its turn in between.
  private static let acceptsPerTurn = 16

  /// How many connections are accepted before the end of listening.
  private static let lastAccepts = 512

  /// Accepts what has connected; what is over the bound is reported anew in the next turn, unless this is the last.
  func accept(isLast: Bool = false, on loop: EventLoop) {
    for _ in 0..<(isLast ? Self.lastAccepts : Self.acceptsPerTurn) {
      var address = SocketAddress()
      let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
      let accepted = address.withMutable { accept4(socket.descriptor, $0, $1, flags) }
      guard accepted >= 0 else {
        let error = clinux_errno()
        if error == EINTR || error == ECONNABORTED { continue }
        if error == EMFILE || error == ENFILE, refuseOneByTheSpare() {
          loop.counts.refusedByDescriptors &+= 1
          complain(loop, "no file descriptor is left; raise the limit (ulimit -n)")
          continue
        }
        if error != EAGAIN { complain(loop, "accept failed: \(String(cString: strerror(error)))") }
        return
      }
      admit(Socket(adopting: accepted), address, on: loop)
    }
  }

  /// Without a descriptor a waiting connection cannot even be refused, and epoll would report it for ever: the spare
  /// one is given up for a moment to accept and close it.
  private func refuseOneByTheSpare() -> Bool {
    guard spare >= 0 else { return false }
    close(spare)
    let accepted = accept4(socket.descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
    if accepted >= 0 { close(accepted) }
    spare = clinux_open_spare_descriptor()
    return accepted >= 0
  }

  private func admit(_ socket: consuming Socket, _ address: SocketAddress, on loop: EventLoop) {
    guard budgets.admits(address, at: loop.now) else {
      loop.counts.refusedByAddress &+= 1
      return complain(loop, "an address opens more connections than one may")
    }
    let place = ConnectionPlace(admission: admission, network: PeerNetwork(address))
    guard var current = admission.enter(place.network) else {
      loop.counts.refusedByOpenOfAddress &+= 1
      return complain(loop, "an address has as many connections open as one may (--open-connections-per-address)")
    }
    while current > limits.maximumConnections, makeRoom(on: loop) { current = admission.current }
    let isRefused = current > limits.maximumConnections
    let handlers = isRefused ? makeRefusal : makeHandler
    if isRefused {
      loop.counts.refusedByMaximum &+= 1
      complain(loop, "connection limit of \(limits.maximumConnections) reached")
    }
    guard let handlers, current <= limits.maximumConnections + limits.refusalReserve else {
      return place.leave()
    }
    do throws(TransportError) {
      let session =
        if let tls {
          try TLSSession(server: tls.context, descriptor: socket.descriptor, peers: tls.peers)
        } else { nil as TLSSession? }
      let connection = try open(socket, session, address, place, handlers, on: loop)
      if !isRefused { strangers.insert(connection, on: loop) }
    } catch {
      place.leave()
      complain(loop, error.description)
    }
  }

  /// Closes a connection whose peer has not proved who it is, and of which nothing has been heard for the longest. False
  /// when there is none.
  private func makeRoom(on loop: EventLoop) -> Bool {
    guard let idle = strangers.removeLongestIdle(for: limits.strangerSilenceSeconds, on: loop) else { return false }
    loop.counts.closedForRoom &+= 1
    idle.abort(.limit("connections"))
    complain(loop, "connection limit of \(limits.maximumConnections) reached; idle ones of unknown callers make room")
    return true
  }

  private func open(
    _ socket: consuming Socket, _ session: consuming TLSSession?, _ address: SocketAddress, _ place: ConnectionPlace,
    _ handlers: @escaping ServerHandlerMaker, on loop: EventLoop
  ) throws(TransportError) -> Connection {
    let connection = Connection(
      loop: loop, slot: loop.nextSlot(), socket: socket, tls: session, peer: address.listenAddress.description,
      limits: limits, state: .handshaking, role: .server(place, makeHandler: handlers))
    try loop.insert(connection)
    loop.counts.open += 1
    connection.setInternalTimer(Connection.TimerTag.handshake, after: limits.handshakeSeconds)
    connection.startHandshake()
    return connection
  }

  /// At most one line a second: whoever can fill the log can hide in it.
  private func complain(_ loop: EventLoop, _ reason: String) {
    let now = MonotonicTime.now
    guard lastComplaint.nanoseconds(until: now) > 1_000_000_000 || lastComplaint.nanoseconds == 0 else { return }
    lastComplaint = now
    loop.log.write(.warning, "connection_refused", ["reason": reason])
  }
}
