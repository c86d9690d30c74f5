import COpenSSL

/// OpenSSL's hashes, looked up by name once: a lookup takes longer than to hash a token.
enum MessageDigest {
  // Why nonisolated(unsafe) holds: a fetched EVP_MD never changes, and EVP_MD_fetch(3) lets threads share it.
  nonisolated(unsafe) static let sha256: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)
  // As above.
  nonisolated(unsafe) static let sha384: OpaquePointer? = EVP_MD_fetch(nil, "SHA384", nil)
  // As above.
  nonisolated(unsafe) static let sha512: OpaquePointer? = EVP_MD_fetch(nil, "SHA512", nil)
}
