/// The JWS signature algorithms that are accepted (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// `none` and the HMAC family have no case, so that no code path can accept them.
public enum SignatureAlgorithm: String, Sendable, CaseIterable {
  /// RSASSA-PKCS1-v1_5 with SHA-256.
  case rs256 = "RS256"
  /// RSASSA-PKCS1-v1_5 with SHA-384.
  case rs384 = "RS384"
  /// RSASSA-PKCS1-v1_5 with SHA-512.
  case rs512 = "RS512"
  /// RSASSA-PSS with SHA-256 and a 32-byte salt.
  case ps256 = "PS256"
  /// RSASSA-PSS with SHA-384 and a 48-byte salt.
  case ps384 = "PS384"
  /// RSASSA-PSS with SHA-512 and a 64-byte salt.
  case ps512 = "PS512"
  /// ECDSA on P-256 with SHA-256.
  case es256 = "ES256"
  /// ECDSA on P-384 with SHA-384.
  case es384 = "ES384"
  /// ECDSA on P-521 with SHA-512.
  case es512 = "ES512"
  /// Ed25519.
  case edDSA = "EdDSA"

  /// The algorithm that a token names; nil for every other name.
  public init?(named name: String) {
    // Not init(rawValue:) at once: String's == takes time with the square of some names' length.
    guard name.utf8.count <= 5 else { return nil }
    self.init(rawValue: name)
  }

  /// The key that the algorithm needs.
  public var keyType: KeyType {
    switch self {
    case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
    case .es256: .ec(.p256)
    case .es384: .ec(.p384)
    case .es512: .ec(.p521)
    case .edDSA: .ed25519
    }
  }

  /// OpenSSL's name of the hash, nil where the algorithm hashes by itself.
  var digestName: String? {
    switch self {
    case .rs256, .ps256, .es256: "SHA256"
    case .rs384, .ps384, .es384: "SHA384"
    case .rs512, .ps512, .es512: "SHA512"
    case .edDSA: nil
    }
  }

  /// OpenSSL's hash, nil where the algorithm hashes by itself.
  var digest: OpaquePointer? {
    switch self {
    case .rs256, .ps256, .es256: MessageDigest.sha256
    case .rs384, .ps384, .es384: MessageDigest.sha384
    case .rs512, .ps512, .es512: MessageDigest.sha512
    case .edDSA: nil
    }
  }

  var usesPSS: Bool { self == .ps256 || self == .ps384 || self == .ps512 }
}

/// The kinds of asymmetric key, as far as they decide which algorithm fits.
public enum KeyType: Hashable, Sendable {
  /// RSA of any accepted size.
  case rsa
  /// An elliptic curve key on the named curve.
  case ec(EllipticCurve)
  /// Ed25519.
  case ed25519
}

/// The NIST curves of RFC 7518 section 6.2.1.1; the raw value is the JWK member `crv`.
public enum EllipticCurve: String, Sendable, CaseIterable {
  /// secp256r1.
  case p256 = "P-256"
  /// secp384r1.
  case p384 = "P-384"
  /// secp521r1.
  case p521 = "P-521"

  /// The length of one coordinate in bytes (RFC 7518 section 6.2.1.2); a signature is two of them.
  public var coordinateByteCount: Int {
    switch self {
    case .p256: 32
    case .p384: 48
    case .p521: 66
    }
  }
}
