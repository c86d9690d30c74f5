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

  /// The most bytes of a file.
  private static let maximumByteCount = 1 << 20

  /// Sets certificate and key up in `context`.
  func use(in context: TLSContext) throws(TransportError) {
    switch self {
    case .files(let certificate, let key):
      let pem = try TLSCertificate.read(certificate, "TLS certificate")
      guard TLSCertificate.addChain(pem, to: context) else { throw .tls("reading TLS certificate \(certificate)") }
      var keyBytes = try TLSCertificate.read(key, "TLS key")
      guard TLSCertificate.useKey(SecretBytes(wiping: &keyBytes), in: context) else {
        throw .tls("reading TLS key \(key)")
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
      guard TLSCertificate.useKey(key, in: context), SSL_CTX_check_private_key(context.pointer) == 1 else {
        throw .tls("using the certificate's key")
      }
    case .none: break
    }
  }

  /// Not by OpenSSL, which would wait for a pipe's writer for ever.
  private static func read(_ path: String, _ purpose: String) throws(TransportError) -> [UInt8] {
    do throws(RPCError) {
      if let bytes = try BoundedFile.read(path, limit: maximumByteCount, purpose: purpose) { return bytes }
    } catch {
      throw TransportError(error.message)
    }
    throw TransportError("reading \(purpose) \(path): \(String(cString: strerror(ENOENT)))")
  }

  /// False, with the reason in OpenSSL's queue, when `pem` is not a chain.
  private static func addChain(_ pem: [UInt8], to context: TLSContext) -> Bool {
    pem.withUnsafeBytes { bytes in
      // The BIO reads from the array's own memory, so it must not outlive this closure.
      guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return false }
      defer { BIO_free(source) }
      var count = 0
      while let certificate = PEM_read_bio_X509_AUX(source, nil, nil, nil) {
        defer { X509_free(certificate) }
        guard add(certificate, isLeaf: count == 0, to: context) else { return false }
        count += 1
      }
      guard count > 0, copenssl_is_end_of_pem(ERR_peek_last_error()) == 1 else { return false }
      ERR_clear_error()
      return true
    }
  }

  private static func add(_ der: [UInt8], isLeaf: Bool, to context: TLSContext) -> Bool {
    der.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      guard let certificate = d2i_X509(nil, &start, bytes.count) else { return false }
      defer { X509_free(certificate) }
      return add(certificate, isLeaf: isLeaf, to: context)
    }
  }

  private static func add(_ certificate: OpaquePointer, isLeaf: Bool, to context: TLSContext) -> Bool {
    isLeaf
      ? SSL_CTX_use_certificate(context.pointer, certificate) == 1
      : copenssl_add_chain_certificate(context.pointer, certificate) == 1
  }

  private static func useKey(_ key: SecretBytes, in context: TLSContext) -> Bool {
    guard let parsed = key.withBytes({ bytes in bytes.withUnsafeBytes { parseKey($0) } }) else { return false }
    defer { EVP_PKEY_free(parsed) }
    return SSL_CTX_use_PrivateKey(context.pointer, parsed) == 1
  }

  private static func parseKey(_ pem: UnsafeRawBufferPointer) -> OpaquePointer? {
    // The BIO reads from the key's own memory, so it must not outlive this function.
    guard let source = BIO_new_mem_buf(pem.baseAddress, Int32(clamping: pem.count)) else { return nil }
    defer { BIO_free(source) }
    return PEM_read_bio_PrivateKey(source, nil, nil, nil)
  }
}
