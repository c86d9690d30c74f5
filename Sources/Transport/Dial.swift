import CLinux
import FederationAPI
import Threads

/// One outgoing connection: look the name up off the loop, then try each address in turn on the loop.
struct Dial: Sendable {
  let target: DialTarget
  let limits: ListenerLimits
  let mailbox: Mailbox
  let makeHandler: @Sendable (String?) -> any ConnectionHandler
  /// Called exactly once.
  let completion: @Sendable (Result<ConnectionReference, RPCError>) -> Void

  /// Blocking name lookup gets a thread of its own; a loop or the cooperative pool must not wait for DNS.
  func start() {
    let deadline = MonotonicTime.now.advanced(bySeconds: target.timeoutSeconds)
    do throws(ThreadError) {
      try startDetachedThread(name: "resolve") {
        do throws(TransportError) {
          guard !target.isUnixSocket else { return attempt([try SocketAddress.unix(path: target.host)], deadline) }
          attempt(try SocketAddress.resolve(host: target.host, port: target.port, passive: false), deadline)
        } catch {
          fail(error.description)
        }
      }
    } catch {
      fail(error.description)
    }
  }

  private func attempt(_ addresses: [SocketAddress], _ deadline: MonotonicTime) {
    guard let address = addresses.first else { return fail("host \"\(target.host)\" has no address") }
    let rest = Array(addresses.dropFirst())
    let accepted = mailbox.post(
      .onLoop { loop in
        guard !loop.isDraining else { return fail("this client is shutting down") }
        let outcome: @Sendable (Result<ConnectionReference, RPCError>) -> Void = { result in
          if case .failure = result, !rest.isEmpty, MonotonicTime.now < deadline { return attempt(rest, deadline) }
          completion(result)
        }
        do throws(TransportError) {
          try open(address, deadline, on: loop, outcome)
        } catch {
          outcome(.failure(unavailable(error.description)))
        }
      })
    if !accepted { fail("this client is shutting down") }
  }

  private func open(
    _ address: SocketAddress, _ deadline: MonotonicTime, on loop: EventLoop,
    _ outcome: @escaping @Sendable (Result<ConnectionReference, RPCError>) -> Void
  ) throws(TransportError) {
    let peer = target.isUnixSocket ? target.host : address.listenAddress.description
    let socket = try Socket(family: address.family)
    socket.tuneConnection()
    let descriptor = socket.descriptor
    let session =
      if let tls = target.tls {
        try TLSSession(client: tls, descriptor: descriptor, serverName: target.serverName)
      } else { nil as TLSSession? }
    let status = address.with { connect(descriptor, $0, $1) }
    guard status == 0 || clinux_errno() == EINPROGRESS else {
      throw .system("cannot connect to \(peer)")
    }
    let connection = Connection(
      loop: loop, slot: loop.nextSlot(), socket: socket, tls: session, peer: peer,
      limits: limits, state: .connecting, role: .client(makeHandler: makeHandler, completion: outcome))
    try loop.insert(connection)
    let seconds = Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
    connection.setInternalTimer(Connection.TimerTag.handshake, after: seconds)
  }

  private func fail(_ reason: String) { completion(.failure(unavailable(reason))) }

  private func unavailable(_ reason: String) -> RPCError {
    RPCError(.unavailable, "cannot connect: \(reason); nothing was sent, a retry is safe")
  }
}
