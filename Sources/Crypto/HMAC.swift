import COpenSSL
import FederationAPI

/// Keyed hashes (RFC 2104, FIPS 198-1).
public enum HMAC {
  /// The hash inside.
  public enum Hash: Sendable, Hashable, CaseIterable {
    /// For one-time passwords only (RFC 4226), where its collisions do no harm.
    case sha1
    case sha256
    case sha512

    /// The code's length in bytes.
    public var byteCount: Int {
      switch self {
      case .sha1: 20
      case .sha256: 32
      case .sha512: 64
      }
    }

    fileprivate var name: String {
      switch self {
      case .sha1: "SHA1"
      case .sha256: "SHA256"
      case .sha512: "SHA512"
      }
    }
  }

  /// The authentication code of `message` under `key`, as long as ``Hash/byteCount`` says.
  public static func code(
    of message: [UInt8], key: SecretBytes, hash: Hash
  ) throws(CryptoError) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: hash.byteCount)
    var written = 0
    let isMade = key.withBytes { key in
      key.withUnsafeBytes { key in
        EVP_Q_mac(
          nil, "HMAC", nil, hash.name, nil, key.baseAddress, key.count, message, message.count, &code, code.count,
          &written) != nil
      }
    }
    guard isMade, written == code.count else { throw OpenSSLErrors.failure("compute an HMAC") }
    return code
  }
}
