import Crypto
import JSON

/// An issuer's signing key: mints tokens and shows its public half as a JWK.
public struct TestSigningKey: Sendable {
  /// The JWK's and the header's `kid`.
  public let keyID: String
  /// What it signs with.
  public let algorithm: SignatureAlgorithm
  /// The key itself.
  public let privateKey: PrivateKey

  /// Makes a new key; EC by default because RSA keys take a second to make.
  public init(keyID: String = "key-1", algorithm: SignatureAlgorithm = .es256) throws {
    self.init(keyID: keyID, algorithm: algorithm, privateKey: try .generate(for: algorithm))
  }

  /// Wraps a key that is there.
  public init(keyID: String, algorithm: SignatureAlgorithm, privateKey: PrivateKey) {
    self.keyID = keyID
    self.algorithm = algorithm
    self.privateKey = privateKey
  }

  /// `{"alg":…,"kid":…,"typ":"JWT"}`.
  public var header: JSONValue {
    ["alg": .string(algorithm.rawValue), "kid": .string(keyID), "typ": "JWT"]
  }

  /// The public half, with `kid`, `alg` and `use`.
  public var jwk: JSONValue {
    var members: [JSONName: JSONValue] = ["kid": .string(keyID), "alg": .string(algorithm.rawValue), "use": "sig"]
    switch privateKey.publicKey.components {
    case .rsa(let modulus, let exponent):
      members["kty"] = "RSA"
      members["n"] = .string(Base64URL.encode(modulus))
      members["e"] = .string(Base64URL.encode(exponent))
    case .ec(let curve, let x, let y):
      members["kty"] = "EC"
      members["crv"] = .string(curve.rawValue)
      members["x"] = .string(Base64URL.encode(x))
      members["y"] = .string(Base64URL.encode(y))
    case .ed25519(let x):
      members["kty"] = "OKP"
      members["crv"] = "Ed25519"
      members["x"] = .string(Base64URL.encode(x))
    }
    return .object(members)
  }

  /// A token with this key's header, or another one.
  public func token(_ claims: JSONValue, header: JSONValue? = nil) throws -> String {
    try TestToken.mint(header: header ?? self.header, claims: claims, key: privateKey, algorithm: algorithm)
  }

  /// A token for `claims`.
  public func token(_ claims: ServiceAccountClaims, header: JSONValue? = nil) throws -> String {
    try token(claims.json, header: header)
  }

  /// The body of a JWKS endpoint that serves `keys`.
  public static func keySet(_ keys: [TestSigningKey]) -> JSONValue { ["keys": .array(keys.map(\.jwk))] }
}
