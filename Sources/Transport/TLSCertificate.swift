import CLinux
import COpenSSL
import FederationAPI

/// What one side of TLS shows of itself, and the key that goes with it.
public enum TLSCertificate: Sendable {
  /// Files in PEM form, the chain leaf first; read again at each reload.
  case files(certificate: String, key: String)
  /// A chain of certificates, leaf first and each in DER, and its key in PEM form.
  case chain([[UInt8]], key: SecretBytes)
  /// None: a client shows nothing, and a server can finish no handshake.
  case none

  /// Sets certificate and key up in `context`.
  func use(in context: TLSContext) throws(TransportError) {
    switch self {
    case .files(let certificate, let key):
      guard SSL_CTX_use_certificate_chain_file(context.pointer, certificate) == 1 else {
        throw TLSCertificate.failure("reading TLS certificate", certificate)
      }
      guard SSL_CTX_use_PrivateKey_file(context.pointer, key, SSL_FILETYPE_PEM) == 1 else {
        throw TLSCertificate.failure("reading TLS key", key)
      }
      guard SSL_CTX_check_private_key(context.pointer) == 1 else {
        throw .tls("TLS key \(key) does not belong to certificate \(certificate)")
      }
    case .chain(let chain, let key):
      for (index, certificate) in chain.enumerated() {
        guard TLSCertificate.add(certificate, isLeaf: index == 0, to: context) else {
          throw .tls("using certificate \(index + 1) of the chain")
        }
      }
      let parsed = key.withBytes { bytes in bytes.withUnsafeBytes { TLSCertificate.parseKey($0) } }
      guard let parsed else { throw .tls("reading the certificate's key") }
      defer { EVP_PKEY_free(parsed) }
      guard SSL_CTX_use_PrivateKey(context.pointer, parsed) == 1, SSL_CTX_check_private_key(context.pointer) == 1
      else { throw .tls("using the certificate's key") }
    case .none: break
    }
  }

  /// What OpenSSL says, or why the file at `path` cannot be opened, of which OpenSSL says nothing.
  private static func failure(_ operation: String, _ path: String) -> TransportError {
    let failure = TransportError.tls("\(operation) \(path)")
    guard access(path, R_OK) != 0 else { return failure }
    return TransportError("\(operation) \(path): \(String(cString: strerror(clinux_errno())))")
  }

  private static func add(_ der: [UInt8], isLeaf: Bool, to context: TLSContext) -> Bool {
    der.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      guard let certificate = d2i_X509(nil, &start, bytes.count) else { return false }
      defer { X509_free(certificate) }
      return isLeaf
        ? SSL_CTX_use_certificate(context.pointer, certificate) == 1
        : copenssl_add_chain_certificate(context.pointer, certificate) == 1
    }
  }

  private static func parseKey(_ pem: UnsafeRawBufferPointer) -> OpaquePointer? {
    // The BIO reads from the key's own memory, so it must not outlive this function.
    guard let source = BIO_new_mem_buf(pem.baseAddress, Int32(clamping: pem.count)) else { return nil }
    defer { BIO_free(source) }
    return PEM_read_bio_PrivateKey(source, nil, nil, nil)
  }
}
