import Foundation
import Glibc
import HTTPClient
import Synchronization
import TestSupport

/// A plain server whose connections a test writes to when it likes; what clients send is read and forgotten.
final class LiveServer: Sendable {
  final class Connection: Sendable {
    private let descriptor: Int32
    private let sent = Mutex(0)

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// How many bytes the socket has taken.
    var sentCount: Int { sent.withLock { $0 } }

    /// Sends all of `bytes`, however long the peer takes.
    func write(_ bytes: [UInt8]) {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
        sent.withLock { $0 += count }
      }
    }

    /// As ``write(_:)``, on a thread of its own.
    func writeInBackground(_ bytes: [UInt8]) {
      Thread.detachNewThread { self.write(bytes) }
    }

    deinit { close(descriptor) }
  }

  let request: HTTPRequest
  /// Each connection, when its request has come.
  let connections: AsyncStream<Connection>
  private let listener: Int32

  init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isListening else { throw TestSupportError("cannot listen: errno \(errno)") }
    request = HTTPRequest(
      url: "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))", timeoutSeconds: 60, allowsPlaintext: true)
    let (stream, continuation) = AsyncStream<Connection>.makeStream()
    connections = stream
    Thread.detachNewThread {
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return continuation.finish() }
        var head = [UInt8](repeating: 0, count: 8_192)
        _ = recv(descriptor, &head, head.count, 0)
        continuation.yield(Connection(descriptor: descriptor))
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }
}
