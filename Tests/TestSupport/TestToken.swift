import Crypto
import JSON

/// Compact JWS texts (RFC 7515 section 7.1), good and broken on purpose.
public enum TestToken {
  /// Header and claims exactly as given, signed by `key`.
  public static func mint(
    header: JSONValue, claims: JSONValue, key: PrivateKey, algorithm: SignatureAlgorithm
  ) throws -> String {
    try mint(header: header.encoded(), payload: claims.encoded(), key: key, algorithm: algorithm)
  }

  /// Header and payload bytes exactly as given, JSON or not, signed by `key`.
  public static func mint(
    header: [UInt8], payload: [UInt8], key: PrivateKey, algorithm: SignatureAlgorithm
  ) throws -> String {
    let signed = Base64URL.encode(header) + "." + Base64URL.encode(payload)
    return signed + "." + Base64URL.encode(try key.sign(Array(signed.utf8), algorithm: algorithm))
  }

  /// Header and claims exactly as given with the given signature bytes, empty for `alg: none`.
  public static func assemble(header: JSONValue, claims: JSONValue, signature: [UInt8] = []) -> String {
    [header.encoded(), claims.encoded(), signature].map { Base64URL.encode($0) }.joined(separator: ".")
  }

  /// `token` with one bit of its signature flipped.
  public static func withBrokenSignature(_ token: String) -> String {
    var parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    var signature = Base64URL.decode(parts[2]) ?? []
    signature[signature.count / 2] ^= 0x01
    parts[2] = Base64URL.encode(signature)
    return parts.joined(separator: ".")
  }

  /// `token` with other claims under the old signature.
  public static func withClaims(_ claims: JSONValue, in token: String) -> String {
    var parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    parts[1] = Base64URL.encode(claims.encoded())
    return parts.joined(separator: ".")
  }
}
