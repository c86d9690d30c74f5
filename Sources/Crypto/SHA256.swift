import COpenSSL

/// SHA-256 (FIPS 180-4).
public enum SHA256 {
  /// The digest's length in bytes.
  public static let byteCount = 32

  /// The 32-byte digest of `bytes`.
  public static func digest(_ bytes: RawSpan) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: byteCount)
    var written: UInt32 = 0
    let status = bytes.withUnsafeBytes { input in
      EVP_Digest(input.baseAddress, input.count, &result, &written, MessageDigest.sha256, nil)
    }
    // Only an allocation inside OpenSSL can fail here, where no answer is better than a wrong digest.
    guard status == 1, written == byteCount else { fatalError("OpenSSL has no memory for a SHA-256 context") }
    return result
  }

  /// The 32-byte digest of `bytes`.
  public static func digest(_ bytes: [UInt8]) -> [UInt8] { digest(bytes.span.bytes) }

  /// The 32-byte digest of `text` in UTF-8.
  public static func digest(_ text: String) -> [UInt8] { digest(text.utf8.span.bytes) }
}
