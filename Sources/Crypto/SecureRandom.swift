import COpenSSL

/// Bytes that nobody can predict, from OpenSSL's generator.
public enum SecureRandom {
  /// `count` random bytes; `count` is at least 0.
  public static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: max(0, count))
    guard let length = Int32(exactly: result.count), RAND_bytes(&result, length) == 1 else {
      throw OpenSSLErrors.failure("gather \(count) random bytes")
    }
    return result
  }
}
