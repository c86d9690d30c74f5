import COpenSSL

/// A key that verifies JWS signatures.
public final class PublicKey: @unchecked Sendable {
  // Why @unchecked holds: the key is complete before init returns and never changed after; OpenSSL
  // shares one EVP_PKEY between threads for verification as long as each has its own EVP_MD_CTX and
  // EVP_PKEY_CTX (openssl-threads(7), EVP_PKEY(3)), and each call here makes its own or takes one that
  // no other call has until it is given back.
  private let key: OpaquePointer
  private let prepared = PreparedVerifications()

  /// The key's numbers.
  public let components: KeyComponents

  /// Which algorithms the key fits.
  public var keyType: KeyType { components.keyType }

  /// Checks `components` against the accepted sizes and makes the key; throws ``CryptoError/invalidKey(_:)``.
  public init(_ components: KeyComponents) throws(CryptoError) {
    try components.check()
    guard let key = Self.importKey(components) else {
      OpenSSLErrors.clear()
      throw .invalidKey("OpenSSL refuses the key")
    }
    self.key = key
    self.components = components
  }

  deinit { EVP_PKEY_free(key) }

  /// An RSA key of 2048 to 8192 bits; both numbers big-endian.
  public static func rsa(modulus: [UInt8], exponent: [UInt8]) throws(CryptoError) -> PublicKey {
    try PublicKey(.rsa(modulus: modulus, exponent: exponent))
  }

  /// A point that must lie on `curve`; each coordinate big-endian in the curve's full length.
  public static func ec(curve: EllipticCurve, x: [UInt8], y: [UInt8]) throws(CryptoError) -> PublicKey {
    try PublicKey(.ec(curve, x: x, y: y))
  }

  /// An Ed25519 key of 32 bytes.
  public static func ed25519(x: [UInt8]) throws(CryptoError) -> PublicKey {
    try PublicKey(.ed25519(x: x))
  }

  /// Whether `signature` in JWS form (`r‖s` for ES*) is this key's over `message`. False, too, when the
  /// algorithm does not fit the key.
  public func verify(signature: [UInt8], of message: RawSpan, algorithm: SignatureAlgorithm) -> Bool {
    guard algorithm.keyType == keyType else { return false }
    var encoded = signature
    if case .ec(let curve) = keyType {
      guard let der = ECDSASignature.der(fromRaw: signature, curve: curve) else {
        OpenSSLErrors.clear()
        return false
      }
      encoded = der
    }
    let valid =
      keyType == .ed25519
      ? verifyEd25519(encoded, of: message) : verifyHash(encoded, of: message, algorithm: algorithm)
    if !valid { OpenSSLErrors.clear() }
    return valid
  }

  /// As the other form, for an array.
  public func verify(signature: [UInt8], of message: [UInt8], algorithm: SignatureAlgorithm) -> Bool {
    verify(signature: signature, of: message.span.bytes, algorithm: algorithm)
  }

  private func verifyHash(_ signature: [UInt8], of message: RawSpan, algorithm: SignatureAlgorithm) -> Bool {
    guard let verification = prepared.take(algorithm) ?? PreparedVerification(key, algorithm) else { return false }
    defer { prepared.giveBack(verification) }
    return verification.verify(signature, of: message)
  }

  private func verifyEd25519(_ signature: [UInt8], of message: RawSpan) -> Bool {
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, key, nil) == 1 else { return false }
    return message.withUnsafeBytes { bytes in
      let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return EVP_DigestVerify(context, signature, signature.count, start, bytes.count) == 1
    }
  }

  private static func importKey(_ components: KeyComponents) -> OpaquePointer? {
    switch components {
    case .rsa(let modulus, let exponent):
      copenssl_rsa_public_key(modulus, Int32(modulus.count), exponent, Int32(exponent.count))
    case .ec(let curve, let x, let y):
      copenssl_ec_public_key(curve.rawValue, [0x04] + x + y, 1 + x.count + y.count)
    case .ed25519(let x):
      EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, x, x.count)
    }
  }
}

/// RFC 7518 section 3.5: the PSS salt is as long as the hash. No-op for other algorithms.
func setPadding(_ parameters: OpaquePointer?, _ algorithm: SignatureAlgorithm) -> Bool {
  guard algorithm.usesPSS else { return true }
  return EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
    && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1
}
