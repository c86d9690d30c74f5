import COpenSSL

/// One parsed X.509 certificate.
final class X509Certificate: @unchecked Sendable {
  // Why @unchecked holds: init has OpenSSL work out and keep what it knows of the extensions, and nothing changes the
  // certificate afterwards (openssl-threads(7)).
  let pointer: OpaquePointer
  /// The certificate's own bytes.
  let der: [UInt8]

  init(owning pointer: OpaquePointer) throws(CryptoError) {
    self.pointer = pointer
    // -1 asks nothing: it only has the extensions read.
    X509_check_purpose(pointer, -1, 0)
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = Int(i2d_X509(pointer, &bytes))
    defer { CRYPTO_free(bytes, #file, #line) }
    guard count > 0, let bytes else {
      der = []
      throw OpenSSLErrors.failure("write a certificate")
    }
    der = Array(UnsafeBufferPointer(start: bytes, count: count))
    OpenSSLErrors.clear()
  }

  deinit { X509_free(pointer) }

  /// Reads certificates that stand one behind the other in DER, at least one and at most `limit`.
  static func list(der bytes: [UInt8], limit: Int) throws(CryptoError) -> [X509Certificate] {
    var certificates: [X509Certificate] = []
    try bytes.withUnsafeBufferPointer { buffer throws(CryptoError) in
      var position = buffer.baseAddress
      var left = buffer.count
      while left > 0 {
        let start = position
        guard certificates.count < limit else { throw .invalidCertificates("more than \(limit) certificates") }
        guard let certificate = d2i_X509(nil, &position, left), let start, let end = position else {
          OpenSSLErrors.clear()
          throw .invalidCertificates("the bytes are not X.509 certificates in DER")
        }
        certificates.append(try X509Certificate(owning: certificate))
        left -= start.distance(to: end)
      }
    }
    guard !certificates.isEmpty else { throw .invalidCertificates("no certificate") }
    return certificates
  }

  /// Reads the blocks of a PEM text, at least one and at most `limit`.
  static func list(pem: [UInt8], limit: Int) throws(CryptoError) -> [X509Certificate] {
    var certificates: [X509Certificate] = []
    try PEMCertificates.read(pem) { pointer throws(CryptoError) in
      let certificate = try X509Certificate(owning: pointer)
      guard certificates.count < limit else { throw .invalidCertificates("more than \(limit) certificates") }
      certificates.append(certificate)
    }
    guard !certificates.isEmpty else { throw .invalidCertificates("no PEM block of type CERTIFICATE") }
    return certificates
  }

  /// When it ends, in seconds since 1970-01-01T00:00:00Z.
  var expiresAtSeconds: Int64 { copenssl_seconds(X509_get0_notAfter(pointer)) }

  /// Whether it is a certificate authority's, by its basic constraints, and may sign certificates.
  var isAuthority: Bool { X509_check_ca(pointer) == 1 && X509_get_key_usage(pointer) & UInt32(KU_KEY_CERT_SIGN) != 0 }

  /// Whether it is marked as a certificate authority's.
  var claimsAuthority: Bool { flags & UInt32(EXFLAG_CA) != 0 }

  /// Whether an extension is damaged.
  var isDamaged: Bool { flags & UInt32(EXFLAG_INVALID) != 0 }

  /// Whether it limits what its key is for, and names `usage`, one of OpenSSL's `KU_` bits.
  func names(usage: Int32) -> Bool {
    flags & UInt32(EXFLAG_KUSAGE) != 0 && X509_get_key_usage(pointer) & UInt32(usage) != 0
  }

  /// Whether TLS peers may be shown it in `role`; a certificate without the extension is for all.
  func allows(_ role: SVIDRole) -> Bool {
    guard flags & UInt32(EXFLAG_XKUSAGE) != 0 else { return true }
    let wanted = role == .server ? XKU_SSL_SERVER : XKU_SSL_CLIENT
    return X509_get_extended_key_usage(pointer) & UInt32(wanted) != 0
  }

  /// How many URIs are among its subject alternative names, and the first; nil when the extension is damaged.
  var uriNames: (count: Int, first: [UInt8])? {
    var first: UnsafeMutablePointer<UInt8>?
    var length: Int32 = 0
    let count = copenssl_uri_names(pointer, &first, &length)
    defer { CRYPTO_free(first, #file, #line) }
    OpenSSLErrors.clear()
    guard count >= 0 else { return nil }
    return (Int(count), first.map { Array(UnsafeBufferPointer(start: $0, count: Int(length))) } ?? [])
  }

  private var flags: UInt32 { X509_get_extension_flags(pointer) }
}
