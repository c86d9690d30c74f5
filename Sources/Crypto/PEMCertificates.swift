import COpenSSL

/// The certificates of a PEM text (RFC 7468), one by one.
enum PEMCertificates {
  /// Hands each certificate to `take`, which frees it. Throws ``CryptoError/invalidCertificates(_:)`` at a block that is
  /// not a well-formed `CERTIFICATE`; text between blocks is ignored.
  static func read(
    _ pem: [UInt8], _ take: (OpaquePointer) throws(CryptoError) -> Void
  ) throws(CryptoError) {
    try pem.withUnsafeBufferPointer { bytes throws(CryptoError) in
      // The BIO reads from the array's own memory, so it must not outlive this closure.
      guard let length = Int32(exactly: bytes.count), let input = BIO_new_mem_buf(bytes.baseAddress, length) else {
        throw OpenSSLErrors.failure("allocate memory")
      }
      defer { BIO_free(input) }
      while let certificate = try next(input) { try take(certificate) }
    }
  }

  private static func next(_ input: OpaquePointer) throws(CryptoError) -> OpaquePointer? {
    var name: UnsafeMutablePointer<CChar>?
    var header: UnsafeMutablePointer<CChar>?
    var data: UnsafeMutablePointer<UInt8>?
    var length = 0
    defer {
      CRYPTO_free(name, #file, #line)
      CRYPTO_free(header, #file, #line)
      CRYPTO_free(data, #file, #line)
    }
    guard PEM_read_bio(input, &name, &header, &data, &length) == 1, let name, let header, let data else {
      let ended = copenssl_is_end_of_pem(ERR_peek_last_error()) == 1
      OpenSSLErrors.clear()
      if ended { return nil }
      throw .invalidCertificates("a PEM block is damaged")
    }
    guard String(cString: name) == "CERTIFICATE", header.pointee == 0 else {
      throw .invalidCertificates("a PEM block is not of type CERTIFICATE")
    }
    var position: UnsafePointer<UInt8>? = UnsafePointer(data)
    guard let certificate = d2i_X509(nil, &position, length), position == UnsafePointer(data) + length else {
      OpenSSLErrors.clear()
      throw .invalidCertificates("a block is not an X.509 certificate")
    }
    return certificate
  }
}
