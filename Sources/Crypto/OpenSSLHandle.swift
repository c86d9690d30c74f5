import COpenSSL

/// Owns one OpenSSL object and frees it once, with the function that its type wants.
struct OpenSSLHandle: ~Copyable {
  let pointer: OpaquePointer
  private let release: (OpaquePointer?) -> Void

  /// Takes ownership of `pointer`; nil means that OpenSSL could not do `operation`.
  init(
    _ pointer: OpaquePointer?, to operation: String, release: @escaping (OpaquePointer?) -> Void
  ) throws(CryptoError) {
    guard let pointer else { throw OpenSSLErrors.failure(operation) }
    self.pointer = pointer
    self.release = release
  }

  deinit { release(pointer) }
}

/// The thread's OpenSSL error queue.
///
/// What is left in it would be blamed on the next TLS read of the same thread
/// (SSL_get_error(3) looks at the queue), so that each failing call here empties it.
enum OpenSSLErrors {
  static func clear() { ERR_clear_error() }

  static func failure(_ operation: String) -> CryptoError {
    clear()
    return .libraryFailure(operation)
  }
}

/// Collects what OpenSSL writes in PEM form; the buffer is wiped when it is freed.
struct MemoryOutput: ~Copyable {
  let bio: OpaquePointer

  init() throws(CryptoError) {
    guard let bio = BIO_new(BIO_s_secmem()) else { throw OpenSSLErrors.failure("allocate memory") }
    self.bio = bio
  }

  deinit { BIO_free_all(bio) }

  /// Lends what was written so far.
  func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
    var start: UnsafeMutablePointer<CChar>?
    let count = copenssl_bio_memory(bio, &start)
    return body(UnsafeRawBufferPointer(start: start, count: max(0, count)).bytes)
  }
}
