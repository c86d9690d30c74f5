import CLinux
import FederationAPI
import Logging
import TestSupport
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct AcceptedSocketTests {
  @Test("what a port accepts sends at once and finds out about peers that are gone, as the port was told")
  func inherits() throws {
    let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0, passive: true).first)
    let listening = try Listener.bind(address)
    let client = try RawClient(port: listening.localAddress().listenAddress.port)
    let accepted = accept(listening.descriptor, nil, nil)
    try #require(accepted >= 0)
    defer { close(accepted) }
    func option(_ level: Int32, _ name: Int32) -> Int32 {
      var value: Int32 = -1
      var length = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(accepted, level, name, &value, &length)
      return value
    }
    #expect(option(Int32(IPPROTO_TCP), TCP_NODELAY) != 0)
    #expect(option(SOL_SOCKET, SO_KEEPALIVE) != 0)
    #expect(option(Int32(IPPROTO_TCP), TCP_KEEPIDLE) == 60)
    #expect(option(Int32(IPPROTO_TCP), TCP_KEEPINTVL) == 15)
    #expect(option(Int32(IPPROTO_TCP), TCP_KEEPCNT) == 4)
    withExtendedLifetime(client) {}
  }
}
