import CLinux
import Logging
import Synchronization
import Transport

@testable import FederationServer

/// The server's own wires on loopback, without TLS: each input gets a connection of its own.
///
/// They stay for the process: to stop and start loops for each input would be most of the work.
final class LoopbackServer: Sendable {
  static let ttrpc = Result { try LoopbackServer(alpn: "ttrpc") }
  static let http1 = Result { try LoopbackServer(alpn: "http/1.1") }
  static let http2 = Result { try LoopbackServer(alpn: "h2") }

  /// What a connection brought back.
  struct Answer {
    var bytes: [UInt8] = []
    /// Whether the server ended its side in order; after a reset, what it had sent may be lost.
    var isWhole = false
  }

  private let group: EventLoopGroup
  private let port: UInt16
  private let connections = Atomic<UInt32>(0)

  private init(alpn: String) throws {
    let log = Log(level: .error) { _ in }
    let wires = Wires(handlers: ScriptedService(), log: log)
    group = try EventLoopGroup(loops: 1, log: log)
    port = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in wires.handler(alpn: alpn) }.port
  }

  /// Sends `pieces` on one connection, says that this was all, and reads to the end.
  func answer(to pieces: [[UInt8]]) throws -> Answer {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try hold(descriptor >= 0, "a socket was to be had")
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, UInt32(MemoryLayout<timeval>.size))
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, UInt32(MemoryLayout<Int32>.size))
    // Each from an address of its own, or the ports of one would run out: a closed connection keeps its port a minute.
    let number = connections.add(1, ordering: .relaxed).newValue
    try name(descriptor, 0x7F01_0000 | number & 0xFF_FFFF % 0xFE_FFFF, 0, bind)
    try name(descriptor, 0x7F00_0001, port, connect)
    for piece in pieces where send(descriptor, piece, piece.count, Int32(MSG_NOSIGNAL)) < 0 { break }
    shutdown(descriptor, Int32(SHUT_WR))

    var answer = Answer()
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &block, block.count, 0)
      if count < 0 {
        try hold(clinux_errno() != EAGAIN, "the server neither answers nor closes")
        return answer
      }
      answer.isWhole = count == 0
      if count == 0 { return answer }
      answer.bytes += block[..<count]
      try hold(answer.bytes.count <= 16 << 20, "the answer is bounded")
    }
  }

  private func name(
    _ descriptor: Int32, _ address: UInt32, _ port: UInt16,
    _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(BrokenProperty) {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = address.bigEndian
    let result = withUnsafeBytes(of: &name) { bytes -> Int32 in
      guard let start = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return -1 }
      return call(descriptor, start, socklen_t(bytes.count))
    }
    try hold(result == 0, "loopback can be reached (errno \(clinux_errno()))")
  }
}
