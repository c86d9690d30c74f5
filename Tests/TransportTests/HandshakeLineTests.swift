import CLinux
import FederationAPI
import Logging
import Testing

@testable import Transport

/// Connections that wait for a step of their handshake.
@Suite struct HandshakeLineTests {
  private final class Waiting {
    weak var connection: Connection?
  }

  @Test("one that ends while it waits is let go of at once, with its socket")
  func ended() throws {
    let loop = try EventLoop(mailbox: try Mailbox(), log: Log(level: .error))
    var ends: [Int32] = [-1, -1]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { close(ends[1]) }
    let waiting = Waiting()
    try wait(on: loop, Socket(adopting: ends[0]), waiting)
    #expect(waiting.connection == nil)
    var byte: UInt8 = 0
    #expect(recv(ends[1], &byte, 1, Int32(MSG_DONTWAIT)) == 0)
  }

  /// Waits, and ends before its turn.
  private func wait(on loop: EventLoop, _ socket: consuming Socket, _ waiting: Waiting) throws {
    let place = ConnectionPlace(
      admission: ConnectionAdmission(ListenerLimits()), network: PeerNetwork(peer: "192.0.2.1:1"))
    let connection = Connection(
      loop: loop, slot: loop.nextSlot(), socket: socket, tls: nil, peer: "test", limits: ListenerLimits(),
      state: .handshaking, role: .server(place) { _, _ in fatalError("nobody opened it") })
    try loop.insert(connection)
    connection.handle(EPOLLIN.rawValue)
    #expect(connection.isHandshakeQueued)
    waiting.connection = connection
    connection.abort(.timeout("handshake"))
  }
}
