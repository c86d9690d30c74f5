import COpenSSL

/// A key and an algorithm, set up in OpenSSL once for many signatures: the set-up looks algorithms up by name and
/// allocates, which takes a good part of the time of an RSA verification.
///
/// Not for Ed25519, which signs the message and not a hash of it.
final class PreparedVerification: @unchecked Sendable {
  // Why @unchecked holds: the object changes with each use and has no lock of its own. PreparedVerifications hands
  // each one to one caller at a time, and its lock orders one caller's use before the next one's.
  private let key: OpaquePointer
  private let hash: OpaquePointer
  private let digest = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(EVP_MAX_MD_SIZE))
  private let digestAlgorithm: OpaquePointer
  let algorithm: SignatureAlgorithm

  /// nil when OpenSSL refuses or has no memory.
  init?(_ publicKey: OpaquePointer, _ algorithm: SignatureAlgorithm) {
    guard let digestAlgorithm = algorithm.digest, let key = EVP_PKEY_CTX_new_from_pkey(nil, publicKey, nil) else {
      return nil
    }
    guard EVP_PKEY_verify_init(key) == 1, setPadding(key, algorithm),
      EVP_PKEY_CTX_set_signature_md(key, digestAlgorithm) == 1, let hash = EVP_MD_CTX_new()
    else {
      EVP_PKEY_CTX_free(key)
      return nil
    }
    self.key = key
    self.hash = hash
    self.digestAlgorithm = digestAlgorithm
    self.algorithm = algorithm
  }

  deinit {
    EVP_PKEY_CTX_free(key)
    EVP_MD_CTX_free(hash)
    digest.deallocate()
  }

  /// Whether `signature`, in OpenSSL's form, is over `message`.
  func verify(_ signature: [UInt8], of message: RawSpan) -> Bool {
    var count: UInt32 = 0
    let isHashed = message.withUnsafeBytes { bytes in
      EVP_DigestInit_ex2(hash, digestAlgorithm, nil) == 1
        && EVP_DigestUpdate(hash, bytes.baseAddress, bytes.count) == 1
        && EVP_DigestFinal_ex(hash, digest, &count) == 1
    }
    // EVP_PKEY_verify(3): may be called again and again on one context.
    return isHashed && EVP_PKEY_verify(key, signature, signature.count, digest, Int(count)) == 1
  }
}
