import COpenSSL

/// A list of X.509 certificates from a PEM text (RFC 7468), each parsed before it is used as trust.
public struct CertificateBundle: Sendable, Hashable {
  /// The longest accepted text, in bytes.
  public static let maximumByteCount = 65_536
  /// The most certificates in one bundle.
  public static let maximumCertificates = 100

  /// The certificates in PEM form, written anew: no text between them, LF line ends.
  public let pem: [UInt8]
  /// How many certificates there are; at least one.
  public let count: Int
  /// SHA-256 of ``pem``, so that bundles which differ only in comments or line ends are equal.
  public let fingerprint: [UInt8]

  /// Reads every block of `pem`; throws ``CryptoError/invalidCertificates(_:)`` when the text is too long, holds
  /// no block, or holds one that is not a well-formed `CERTIFICATE`. Text between blocks is ignored.
  public init(pem: [UInt8]) throws(CryptoError) {
    guard pem.count <= Self.maximumByteCount else {
      throw .invalidCertificates("longer than \(Self.maximumByteCount) bytes")
    }
    guard let input = BIO_new_mem_buf(pem, Int32(pem.count)) else { throw OpenSSLErrors.failure("allocate memory") }
    defer { BIO_free(input) }
    let output = try MemoryOutput()
    var count = 0
    while let certificate = try Self.nextCertificate(input) {
      defer { X509_free(certificate) }
      count += 1
      guard count <= Self.maximumCertificates else {
        throw .invalidCertificates("more than \(Self.maximumCertificates) certificates")
      }
      guard PEM_write_bio_X509(output.bio, certificate) == 1 else {
        throw OpenSSLErrors.failure("write a certificate")
      }
    }
    guard count > 0 else { throw .invalidCertificates("no PEM block of type CERTIFICATE") }
    self.pem = output.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    self.count = count
    fingerprint = SHA256.digest(self.pem)
  }

  private static func nextCertificate(_ input: OpaquePointer) throws(CryptoError) -> OpaquePointer? {
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
