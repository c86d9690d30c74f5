import Crypto
import FederationAPI
import JSON

/// The JWT by which a client proves itself to an authorization server (RFC 7523 section 3).
enum ClientAssertion {
  /// How long an assertion is valid, in seconds: it is used at once, and once.
  static let lifetimeSeconds: Int64 = 300
  private static let maximumKeyBytes = 64 << 10

  /// An assertion of `clientID` for `audience`, the token endpoint.
  static func make(
    clientID: String, audience: String, key: PrivateKey, keyID: String?, now: Int64
  ) throws(RPCError) -> String {
    let algorithm = algorithm(of: key)
    var header: [JSONName: JSONValue] = ["alg": .string(algorithm.rawValue), "typ": "JWT"]
    if let keyID { header["kid"] = .string(keyID) }
    do throws(CryptoError) {
      let claims: JSONValue = [
        "iss": .string(clientID), "sub": .string(clientID), "aud": .string(audience),
        "iat": .number(Double(now)), "exp": .number(Double(now + lifetimeSeconds)),
        "jti": .string(Base64URL.encode(try SecureRandom.bytes(24))),
      ]
      let signed = Base64URL.encode(JSONValue.object(header).encoded()) + "." + Base64URL.encode(claims.encoded())
      return signed + "." + Base64URL.encode(try key.sign(Array(signed.utf8), algorithm: algorithm))
    } catch {
      throw RPCError(.internal, "the client assertion cannot be signed: \(error)")
    }
  }

  /// The key in the PEM file `path`. Throws FAILED_PRECONDITION.
  static func privateKey(_ path: String) throws(RPCError) -> PrivateKey {
    guard var bytes = try BoundedFile.read(path, limit: maximumKeyBytes, purpose: "private key") else {
      throw RPCError(.failedPrecondition, "there is no private key \(path)")
    }
    let pem = SecretBytes(wiping: &bytes)
    do throws(CryptoError) {
      return try PrivateKey(pem: pem)
    } catch {
      throw RPCError(.failedPrecondition, "the private key \(path) cannot be used: \(error)")
    }
  }

  /// What both providers take for a key of that kind.
  private static func algorithm(of key: PrivateKey) -> SignatureAlgorithm {
    switch key.publicKey.keyType {
    case .rsa: .rs256
    case .ec(.p256): .es256
    case .ec(.p384): .es384
    case .ec(.p521): .es512
    case .ed25519: .edDSA
    }
  }
}
