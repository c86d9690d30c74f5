import COpenSSL

/// Where OpenSSL keeps private keys.
public enum PrivateKeyMemory {
  /// Has OpenSSL keep private numbers in memory of their own, in no core dump and in no swap where the system's limit on
  /// locked memory allows. To be called before the first key is made or read.
  ///
  /// OpenSSL keeps the key of a TLS 1.3 connection's exchange, at most 128 bytes with P-521, until the connection ends, and
  /// where there is no room for it a handshake fails: so there is room for `connections` at once, and as much again.
  public static func protect(connections: Int) {
    var bytes = 1 << 20
    while bytes < 2 * 128 * connections { bytes *= 2 }
    // The second is the smallest piece, that of an X25519 key.
    CRYPTO_secure_malloc_init(bytes, 32)
  }
}
