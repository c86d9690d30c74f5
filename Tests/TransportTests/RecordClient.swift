import CLinux
import COpenSSL
import TestSupport

/// A TLS client whose records a test sends in whatever pieces it likes. It blocks, ten seconds at the most.
final class RecordClient {
  private let descriptor: Int32
  private let context: OpaquePointer
  private let session: OpaquePointer
  private let received = BIO_new(BIO_s_mem())
  private let produced = BIO_new(BIO_s_mem())

  /// Connects to a loopback port and shakes hands; who the server is does not matter.
  init(port: UInt16) throws {
    guard let context = SSL_CTX_new(TLS_client_method()), let session = SSL_new(context) else {
      throw TestSupportError("no TLS")
    }
    self.context = context
    self.session = session
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    SSL_set_bio(session, received, produced)
    SSL_set_connect_state(session)
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, UInt32(MemoryLayout.size(ofValue: timeout)))
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafeBytes(of: &address) { bytes in
      connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, UInt32(bytes.count))
    }
    guard result == 0 else { throw TestSupportError("cannot connect") }
    while SSL_do_handshake(session) != 1 {
      try send(takeProduced())
      try receive()
    }
    try send(takeProduced())
  }

  deinit {
    SSL_free(session)
    SSL_CTX_free(context)
    close(descriptor)
  }

  /// `bytes` as the records that carry them.
  func records(of bytes: [UInt8]) throws -> [UInt8] {
    guard SSL_write(session, bytes, Int32(bytes.count)) == Int32(bytes.count) else {
      throw TestSupportError("cannot write")
    }
    return takeProduced()
  }

  /// Sends a part of a record, or several.
  func send(_ bytes: [UInt8]) throws {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes {
        CLinux.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw TestSupportError("the server has gone") }
      offset += count
    }
  }

  /// The next `count` bytes that the server sent.
  func read(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var room = [UInt8](repeating: 0, count: count - bytes.count)
      let read = SSL_read(session, &room, Int32(room.count))
      if read > 0 { bytes += room.prefix(Int(read)) } else { try receive() }
    }
    return bytes
  }

  private func receive() throws {
    var room = [UInt8](repeating: 0, count: 65_536)
    let count = CLinux.read(descriptor, &room, room.count)
    guard count > 0 else { throw TestSupportError("nothing came") }
    BIO_write(received, room, Int32(count))
  }

  private func takeProduced() -> [UInt8] {
    var room = [UInt8](repeating: 0, count: BIO_ctrl_pending(produced))
    BIO_read(produced, &room, Int32(room.count))
    return room
  }
}
