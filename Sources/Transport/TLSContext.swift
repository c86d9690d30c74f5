import COpenSSL

/// A protocol version, as flags name it.
public enum TLSVersion: String, Sendable, CaseIterable {
  /// TLS 1.2 (RFC 5246).
  case v12 = "1.2"
  /// TLS 1.3 (RFC 8446).
  case v13 = "1.3"

  var number: Int32 { self == .v12 ? TLS1_2_VERSION : TLS1_3_VERSION }
}

/// One SSL_CTX with what its callbacks point to.
final class TLSContext: @unchecked Sendable {
  // Why @unchecked holds: both pointers are set up in init and only read afterwards; OpenSSL counts and
  // locks what an SSL_CTX shares between its sessions.
  let pointer: OpaquePointer
  private let alpn: UnsafeMutablePointer<copenssl_alpn>

  init(method: OpaquePointer?, minimumVersion: TLSVersion, alpn protocols: [String]) throws(TransportError) {
    guard let pointer = SSL_CTX_new(method) else { throw .tls("SSL_CTX_new") }
    self.pointer = pointer
    let wire = alpnWireForm(protocols)
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, wire.count))
    bytes.initialize(from: wire, count: wire.count)
    alpn = .allocate(capacity: 1)
    alpn.initialize(to: copenssl_alpn(protocols: bytes, length: UInt32(wire.count)))
    guard copenssl_set_minimum_version(pointer, minimumVersion.number) == 1 else {
      throw .tls("setting TLS version \(minimumVersion.rawValue)")
    }
    // Of TLS 1.2's suites those that RFC 9325 section 4.2 recommends: forward secrecy, and no CBC. TLS 1.3 has no others.
    guard SSL_CTX_set_cipher_list(pointer, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 else {
      throw .tls("setting TLS 1.2's ciphers")
    }
    // Partial writes and a moving buffer: output waits in our own buffer, which may grow meanwhile. Record buffers are
    // released by ``WarmSessions``: OpenSSL's own mode would allocate two of them for each record.
    _ = copenssl_set_mode(
      pointer, Int(SSL_MODE_ENABLE_PARTIAL_WRITE) | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
    copenssl_set_read_ahead(pointer, 1)
    copenssl_harden(pointer)
  }

  deinit {
    SSL_CTX_free(pointer)
    alpn.pointee.protocols?.deallocate()
    alpn.deallocate()
  }

  /// Whether both show the same certificate of their own.
  func showsSameLeaf(as other: TLSContext) -> Bool {
    guard let leaf = SSL_CTX_get0_certificate(pointer), let otherLeaf = SSL_CTX_get0_certificate(other.pointer)
    else { return false }
    return X509_cmp(leaf, otherLeaf) == 0
  }

  /// Lets clients choose among the protocols given to init.
  func serveALPN() { copenssl_serve_alpn(pointer, alpn) }

  /// Offers the protocols given to init.
  func offerALPN() {
    if alpn.pointee.length > 0 { SSL_CTX_set_alpn_protos(pointer, alpn.pointee.protocols, alpn.pointee.length) }
  }
}

/// RFC 7301 section 3.1: each name behind its length.
private func alpnWireForm(_ protocols: [String]) -> [UInt8] {
  protocols.filter { (1...255).contains($0.utf8.count) }.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
}
