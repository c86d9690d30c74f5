import CLinux

/// Who shares a limit of addresses: an IPv4 address, or the /64 that an IPv6 host can choose its address from.
public struct PeerNetwork: Hashable, Sendable {
  private let prefix: UInt64

  /// The network of an IPv4 address, in network byte order.
  package init(ipv4 address: UInt32) { prefix = UInt64(address) }

  /// The network of an IPv6 address, whose halves are in network byte order.
  package init(ipv6 halves: (network: UInt64, host: UInt64)) {
    // An IPv4 address that came over an IPv6 socket (RFC 4291 section 2.5.5.2): its prefix is everybody's.
    prefix = halves.network == 0 ? halves.host : halves.network
  }

  /// The network of ``CallContext/peer``: `192.0.2.1:4242` or `[2001:db8::1]:4242`. What is no address shares one.
  public init(peer: String) {
    let host = peer.utf8.lastIndex(of: UInt8(ascii: ":")).map { peer[..<$0] } ?? peer[...]
    var (ipv4, ipv6) = (UInt32(0), (UInt64(0), UInt64(0)))
    if host.utf8.first == UInt8(ascii: "[") {
      _ = inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &ipv6)
      self.init(ipv6: ipv6)
    } else {
      _ = inet_pton(AF_INET, String(host), &ipv4)
      self.init(ipv4: ipv4)
    }
  }
}
