import Glibc

/// A loopback port that is taken, so that nobody else gets it, and refuses every connection.
public final class ClosedPort: Sendable {
  /// The port.
  public let port: UInt16
  private let descriptor: Int32

  /// Takes a free one.
  public init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutableBytes(of: &address) { [descriptor] bytes in
      guard let generic = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
      return bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
    }
    port = UInt16(bigEndian: address.sin_port)
    guard bound else { throw TestSupportError("cannot bind a loopback port") }
  }

  deinit { close(descriptor) }
}
