import COpenSSL
import Synchronization

/// A server's certificate, key and protocols; the files can be read again while connections live on.
public final class ServerTLS: Sendable {
  private let certificateFile: String
  private let keyFile: String
  private let minimumVersion: TLSVersion
  private let alpn: [String]
  private let current: Mutex<TLSContext>

  /// Reads the certificate chain (PEM, leaf first) and its private key.
  ///
  /// `alpn` is in the server's order of preference; a client that offers no ALPN gets nil in
  /// ``Connection/alpn``. Throws ``TransportError`` naming the file at fault.
  public init(
    certificateFile: String, keyFile: String, minimumVersion: TLSVersion = .v13, alpn: [String]
  ) throws(TransportError) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.minimumVersion = minimumVersion
    self.alpn = alpn
    let context = try ServerTLS.makeContext(certificateFile, keyFile, minimumVersion, alpn)
    current = Mutex(context)
  }

  /// Reads both files again for connections to come; on failure the old ones stay in use.
  ///
  /// Session tickets of before stay valid, so clients resume across the change.
  public func reload() throws(TransportError) {
    let fresh = try ServerTLS.makeContext(certificateFile, keyFile, minimumVersion, alpn)
    current.withLock { current in
      var keys = [UInt8](repeating: 0, count: 80)
      if copenssl_get_ticket_keys(current.pointer, &keys, keys.count) == 1 {
        _ = copenssl_set_ticket_keys(fresh.pointer, &keys, keys.count)
      }
      keys.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
      current = fresh
    }
  }

  var context: TLSContext { current.withLock { $0 } }

  private static func makeContext(
    _ certificateFile: String, _ keyFile: String, _ minimumVersion: TLSVersion, _ alpn: [String]
  ) throws(TransportError) -> TLSContext {
    let context = try TLSContext(method: TLS_server_method(), minimumVersion: minimumVersion, alpn: alpn)
    guard SSL_CTX_use_certificate_chain_file(context.pointer, certificateFile) == 1 else {
      throw .tls("reading TLS certificate \(certificateFile)")
    }
    guard SSL_CTX_use_PrivateKey_file(context.pointer, keyFile, SSL_FILETYPE_PEM) == 1 else {
      throw .tls("reading TLS key \(keyFile)")
    }
    guard SSL_CTX_check_private_key(context.pointer) == 1 else {
      throw .tls("TLS key \(keyFile) does not belong to certificate \(certificateFile)")
    }
    context.serveALPN()
    // Without a session id context OpenSSL refuses to resume; two tickets are its default, one is enough for
    // clients that keep their connection.
    let name = Array("ese-federation".utf8)
    SSL_CTX_set_session_id_context(context.pointer, name, UInt32(name.count))
    SSL_CTX_set_num_tickets(context.pointer, 1)
    return context
  }
}
