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
    let output = try MemoryOutput()
    var count = 0
    try PEMCertificates.read(pem) { certificate throws(CryptoError) in
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
}
