import COpenSSL
import FederationAPI

/// A key that makes JWS signatures: for client assertions (RFC 7523) and for tests.
public final class PrivateKey: @unchecked Sendable {
  // Why @unchecked holds: as for PublicKey; the key never changes after init, and each signature
  // has its own EVP_MD_CTX (openssl-threads(7)).
  private let key: OpaquePointer

  /// The verifying half.
  public let publicKey: PublicKey

  private init(owning key: OpaquePointer?) throws(CryptoError) {
    guard let key else { throw OpenSSLErrors.failure("make a private key") }
    do {
      publicKey = try PublicKey(try Self.components(of: key))
    } catch {
      EVP_PKEY_free(key)
      throw error
    }
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }

  /// A new RSA key of `bits` bits, 2048 to 8192.
  public static func generateRSA(bits: Int = 2_048) throws(CryptoError) -> PrivateKey {
    guard (2_048...8_192).contains(bits) else { throw .invalidKey("an RSA key has 2048 to 8192 bits, not \(bits)") }
    return try PrivateKey(owning: copenssl_generate_rsa(bits))
  }

  /// A new key on `curve`.
  public static func generateEC(_ curve: EllipticCurve) throws(CryptoError) -> PrivateKey {
    try PrivateKey(owning: copenssl_generate_ec(curve.rawValue))
  }

  /// A new Ed25519 key.
  public static func generateEd25519() throws(CryptoError) -> PrivateKey {
    try PrivateKey(owning: copenssl_generate_ed25519())
  }

  /// A new key that fits `algorithm`; RSA keys have 2048 bits.
  public static func generate(for algorithm: SignatureAlgorithm) throws(CryptoError) -> PrivateKey {
    switch algorithm.keyType {
    case .rsa: try generateRSA()
    case .ec(let curve): try generateEC(curve)
    case .ed25519: try generateEd25519()
    }
  }

  /// Reads the first private key of a PEM text, PKCS #8 or the older forms, unencrypted.
  public convenience init(pem: SecretBytes) throws(CryptoError) {
    let key = pem.withBytes { bytes in
      bytes.withUnsafeBytes { buffer -> OpaquePointer? in
        guard let length = Int32(exactly: buffer.count),
          let bio = BIO_new_mem_buf(buffer.baseAddress, length)
        else { return nil }
        defer { BIO_free(bio) }
        // Without a callback OpenSSL would ask the terminal for a passphrase.
        return PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
      }
    }
    guard let key else {
      OpenSSLErrors.clear()
      throw .invalidKey("not an unencrypted private key in PEM form")
    }
    try self.init(owning: key)
  }

  /// Reads a PKCS #8 key in DER, unencrypted.
  convenience init(pkcs8 der: SecretBytes) throws(CryptoError) {
    let key = der.withBytes { bytes in
      bytes.withUnsafeBytes { buffer -> OpaquePointer? in
        var position = buffer.assumingMemoryBound(to: UInt8.self).baseAddress
        return d2i_AutoPrivateKey(nil, &position, buffer.count)
      }
    }
    guard let key else {
      OpenSSLErrors.clear()
      throw .invalidKey("not an unencrypted private key in PKCS #8 form")
    }
    try self.init(owning: key)
  }

  /// Whether `certificate` is about this key.
  func isKey(of certificate: X509Certificate) -> Bool {
    defer { OpenSSLErrors.clear() }
    return X509_check_private_key(certificate.pointer, key) == 1
  }

  /// The key in PKCS #8 PEM form, unencrypted.
  public var pem: SecretBytes {
    get throws(CryptoError) {
      let output = try MemoryOutput()
      guard PEM_write_bio_PrivateKey(output.bio, key, nil, nil, 0, nil, nil) == 1 else {
        throw OpenSSLErrors.failure("write a private key")
      }
      return output.withBytes { SecretBytes($0) }
    }
  }

  /// The JWS signature of `message`: `r‖s` for ES*. Throws when `algorithm` does not fit the key.
  public func sign(_ message: [UInt8], algorithm: SignatureAlgorithm) throws(CryptoError) -> [UInt8] {
    guard algorithm.keyType == publicKey.keyType else {
      throw .invalidKey("\(algorithm.rawValue) does not fit this kind of key")
    }
    let context = try OpenSSLHandle(EVP_MD_CTX_new(), to: "allocate a digest", release: EVP_MD_CTX_free)
    var parameters: OpaquePointer?
    var count = 0
    guard EVP_DigestSignInit_ex(context.pointer, &parameters, algorithm.digestName, nil, nil, key, nil) == 1,
      setPadding(parameters, algorithm),
      EVP_DigestSign(context.pointer, nil, &count, message, message.count) == 1
    else { throw OpenSSLErrors.failure("sign") }
    var signature = [UInt8](repeating: 0, count: count)
    guard EVP_DigestSign(context.pointer, &signature, &count, message, message.count) == 1 else {
      throw OpenSSLErrors.failure("sign")
    }
    signature.removeLast(signature.count - count)
    guard case .ec(let curve) = publicKey.keyType else { return signature }
    guard let raw = ECDSASignature.raw(fromDER: signature, curve: curve) else {
      throw OpenSSLErrors.failure("encode a signature")
    }
    return raw
  }

  /// The seed of RFC 8032 section 5.1.5; the caller wipes it. Only for an Ed25519 key.
  func ed25519Seed() throws(CryptoError) -> [UInt8] {
    var seed = [UInt8](repeating: 0, count: 32)
    var count = seed.count
    guard EVP_PKEY_get_raw_private_key(key, &seed, &count) == 1 else { throw OpenSSLErrors.failure("read a key") }
    return seed
  }

  /// One of the numbers that OpenSSL knows by `name`, big-endian; the caller wipes it.
  func secretNumber(_ name: String) throws(CryptoError) -> [UInt8] {
    try Self.number(name, of: key, paddedTo: nil)
  }

  private static func components(of key: OpaquePointer) throws(CryptoError) -> KeyComponents {
    if EVP_PKEY_is_a(key, "ED25519") == 1 {
      var x = [UInt8](repeating: 0, count: 32)
      var count = x.count
      guard EVP_PKEY_get_raw_public_key(key, &x, &count) == 1 else { throw OpenSSLErrors.failure("read a key") }
      return .ed25519(x: x)
    }
    if EVP_PKEY_is_a(key, "RSA") == 1 {
      let modulus = try number(OSSL_PKEY_PARAM_RSA_N, of: key, paddedTo: nil)
      return .rsa(modulus: modulus, exponent: try number(OSSL_PKEY_PARAM_RSA_E, of: key, paddedTo: nil))
    }
    guard EVP_PKEY_is_a(key, "EC") == 1, let curve = curve(of: key) else {
      throw .invalidKey("only RSA, P-256, P-384, P-521 and Ed25519 keys are supported")
    }
    let length = curve.coordinateByteCount
    let x = try number(OSSL_PKEY_PARAM_EC_PUB_X, of: key, paddedTo: length)
    return .ec(curve, x: x, y: try number(OSSL_PKEY_PARAM_EC_PUB_Y, of: key, paddedTo: length))
  }

  private static func curve(of key: OpaquePointer) -> EllipticCurve? {
    switch EVP_PKEY_get_bits(key) {
    case 256 where isOn("prime256v1", key): .p256
    case 384 where isOn("secp384r1", key): .p384
    case 521 where isOn("secp521r1", key): .p521
    default: nil
    }
  }

  private static func isOn(_ group: String, _ key: OpaquePointer) -> Bool {
    var name = [CChar](repeating: 0, count: 32)
    var count = 0
    guard EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, &name, name.count, &count) == 1 else {
      OpenSSLErrors.clear()
      return false
    }
    return name.prefix(count).elementsEqual(group.utf8.map { CChar(bitPattern: $0) })
  }

  private static func number(
    _ name: String, of key: OpaquePointer, paddedTo length: Int?
  ) throws(CryptoError) -> [UInt8] {
    var value: OpaquePointer?
    guard EVP_PKEY_get_bn_param(key, name, &value) == 1, let value else { throw OpenSSLErrors.failure("read a key") }
    // Also for the secret numbers of a key.
    defer { BN_clear_free(value) }
    var bytes = [UInt8](repeating: 0, count: length ?? (Int(BN_num_bits(value)) + 7) / 8)
    guard BN_bn2binpad(value, &bytes, Int32(bytes.count)) == bytes.count else {
      throw OpenSSLErrors.failure("read a key")
    }
    return bytes
  }
}
