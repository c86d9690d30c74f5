import CLinux

/// An address that a listener is bound to.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// Numeric host.
  public var host: String
  /// TCP port, never 0 once bound.
  public var port: UInt16

  /// For example `127.0.0.1:8443` or `[::1]:8443`.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A resolved socket address, as bind, connect and accept use it.
struct SocketAddress: Sendable {
  var storage = sockaddr_storage()
  var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  var family: Int32 { Int32(storage.ss_family) }

  mutating func withMutable<R>(_ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> R) -> R {
    withUnsafeMutablePointer(to: &storage) { storage in
      withUnsafeMutablePointer(to: &length) { length in
        storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
      }
    }
  }

  func with<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    withUnsafePointer(to: storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// Numeric host and port.
  var listenAddress: ListenAddress {
    var host = [CChar](repeating: 0, count: 64)
    var service = [CChar](repeating: 0, count: 8)
    let status = with { address, length in
      getnameinfo(
        address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
        NI_NUMERICHOST | NI_NUMERICSERV)
    }
    guard status == 0 else { return ListenAddress(host: "unknown", port: 0) }
    return ListenAddress(host: text(host), port: UInt16(text(service)) ?? 0)
  }

  private func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// A Unix socket's. Throws when the path is longer than the system's addresses are, or not one.
  static func unix(path: String) throws(TransportError) -> SocketAddress {
    var unix = sockaddr_un()
    let room = MemoryLayout.size(ofValue: unix.sun_path)
    guard (1..<room).contains(path.utf8.count), !path.utf8.contains(0) else {
      throw TransportError("the path of the socket \(path) is not one of 1 to \(room - 1) bytes")
    }
    unix.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: path.utf8) }
    var address = SocketAddress()
    address.length = socklen_t(MemoryLayout<sockaddr_un>.size)
    withUnsafeMutableBytes(of: &address.storage) { storage in
      withUnsafeBytes(of: unix) { storage.copyMemory(from: $0) }
    }
    return address
  }

  /// All addresses of a host; blocks on DNS unless `host` is numeric.
  static func resolve(host: String, port: UInt16, passive: Bool) throws(TransportError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard status == 0 else {
      throw TransportError("cannot resolve host \"\(host)\": \(String(cString: gai_strerror(status)))")
    }
    var addresses: [SocketAddress] = []
    var next = list
    while let info = next?.pointee {
      var address = SocketAddress()
      address.length = info.ai_addrlen
      withUnsafeMutableBytes(of: &address.storage) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen)))
      }
      addresses.append(address)
      next = info.ai_next
    }
    return addresses
  }
}

/// A TCP socket, closed when its owner lets go.
struct Socket: ~Copyable {
  let descriptor: Int32

  init(adopting descriptor: Int32) { self.descriptor = descriptor }

  init(family: Int32) throws(TransportError) {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { throw .system("socket") }
  }

  deinit { close(descriptor) }

  /// Gives the descriptor away; whoever takes it closes it.
  consuming func release() -> Int32 {
    let descriptor = self.descriptor
    discard self
    return descriptor
  }

  borrowing func set(_ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Small frames go out at once, and a peer that vanished is noticed within about two minutes.
  borrowing func tuneConnection() {
    set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
    set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
    set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
  }

  /// The address this socket is bound to.
  borrowing func localAddress() -> SocketAddress {
    var address = SocketAddress()
    let descriptor = self.descriptor
    _ = address.withMutable { getsockname(descriptor, $0, $1) }
    return address
  }

  /// The pending error of a connect that has ended, 0 when it succeeded.
  borrowing func pendingError() -> Int32 {
    var error: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
    return error
  }
}
