import COpenSSL
import FederationAPI

/// Authenticated encryption of small values (NIST SP 800-38D) with random 96-bit nonces.
///
/// Random nonces allow about 2^32 seals under one key (SP 800-38D section 8.3).
public struct AES256GCM: Sendable {
  /// The key's length in bytes.
  public static let keyByteCount = 32
  private static let nonceByteCount = 12
  private static let tagByteCount = 16
  private static let maximumByteCount = 1 << 30

  private let key: SecretBytes

  /// Takes a key of exactly 32 bytes.
  public init(key: SecretBytes) throws(CryptoError) {
    guard key.count == Self.keyByteCount else {
      throw .invalidKey("an AES-256 key has \(Self.keyByteCount) bytes, not \(key.count)")
    }
    self.key = key
  }

  /// Encrypts `plaintext` and binds it to `context`: `open` needs the same. Gives nonce, ciphertext and tag in one array.
  public func seal(_ plaintext: RawSpan, authenticating context: [UInt8]) throws(CryptoError) -> [UInt8] {
    guard plaintext.byteCount <= Self.maximumByteCount, context.count <= Self.maximumByteCount else {
      throw .libraryFailure("encrypt more than 1 GiB at once")
    }
    let nonce = try SecureRandom.bytes(Self.nonceByteCount)
    let cipher = try cipherContext(nonce: nonce, encrypting: true)
    var body = [UInt8](repeating: 0, count: plaintext.byteCount)
    var tag = [UInt8](repeating: 0, count: Self.tagByteCount)
    var written: Int32 = 0
    var ok = EVP_CipherUpdate(cipher.pointer, nil, &written, context, Int32(context.count)) == 1
    if ok && plaintext.byteCount > 0 {
      ok = plaintext.withUnsafeBytes { input in
        EVP_CipherUpdate(cipher.pointer, &body, &written, input.baseAddress, Int32(input.count)) == 1
      }
    }
    ok = ok && EVP_CipherFinal_ex(cipher.pointer, nil, &written) == 1
    ok = ok && EVP_CIPHER_CTX_ctrl(cipher.pointer, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1
    guard ok else { throw OpenSSLErrors.failure("encrypt") }
    return nonce + body + tag
  }

  /// Decrypts what `seal` gave; throws ``CryptoError/authenticationFailed`` when a byte of it or of `context` differs.
  public func open(_ sealed: [UInt8], authenticating context: [UInt8]) throws(CryptoError) -> SecretBytes {
    let overhead = Self.nonceByteCount + Self.tagByteCount
    guard sealed.count >= overhead, sealed.count - overhead <= Self.maximumByteCount,
      context.count <= Self.maximumByteCount
    else { throw .authenticationFailed }
    let body = Array(sealed[Self.nonceByteCount..<(sealed.count - Self.tagByteCount)])
    var tag = Array(sealed.suffix(Self.tagByteCount))
    let cipher = try cipherContext(nonce: Array(sealed.prefix(Self.nonceByteCount)), encrypting: false)
    var plaintext = [UInt8](repeating: 0, count: body.count)
    defer { plaintext.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
    var written: Int32 = 0
    var ok = EVP_CipherUpdate(cipher.pointer, nil, &written, context, Int32(context.count)) == 1
    if ok && !body.isEmpty {
      ok = EVP_CipherUpdate(cipher.pointer, &plaintext, &written, body, Int32(body.count)) == 1
    }
    ok = ok && EVP_CIPHER_CTX_ctrl(cipher.pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
    ok = ok && EVP_CipherFinal_ex(cipher.pointer, nil, &written) == 1
    guard ok else {
      OpenSSLErrors.clear()
      throw .authenticationFailed
    }
    return SecretBytes(plaintext)
  }

  private func cipherContext(nonce: [UInt8], encrypting: Bool) throws(CryptoError) -> OpenSSLHandle {
    let handle = try OpenSSLHandle(EVP_CIPHER_CTX_new(), to: "allocate a cipher", release: EVP_CIPHER_CTX_free)
    let ok = key.withBytes { bytes in
      bytes.withUnsafeBytes { keyBytes in
        let start = keyBytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return EVP_CipherInit_ex(handle.pointer, EVP_aes_256_gcm(), nil, start, nonce, encrypting ? 1 : 0) == 1
      }
    }
    guard ok else { throw OpenSSLErrors.failure("set up AES-256-GCM") }
    return handle
  }
}
