import COpenSSL

/// SHA-256 (FIPS 180-4) of one text after another, in memory that is allocated once.
///
/// Not Sendable: it belongs to whoever made it.
public final class SHA256Context {
  private let context: OpaquePointer

  /// Makes a context.
  public init() {
    // Only an allocation can fail here, where no answer is better than a wrong digest.
    guard let context = EVP_MD_CTX_new() else { fatalError("OpenSSL has no memory for a SHA-256 context") }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Begins a text.
  public func start() { check(EVP_DigestInit_ex2(context, MessageDigest.sha256, nil)) }

  /// Adds to the text.
  public func add(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { check(EVP_DigestUpdate(context, $0.baseAddress, $0.count)) }
  }

  /// Ends the text and gives its digest, as four words in the machine's order.
  public func finish() -> (UInt64, UInt64, UInt64, UInt64) {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &words) { bytes in
      check(EVP_DigestFinal_ex(context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil))
    }
    return words
  }

  private func check(_ status: Int32) {
    guard status == 1 else { fatalError("OpenSSL cannot compute SHA-256") }
  }
}
