/// A public key's numbers, big-endian, as a JWK writes them (RFC 7518 section 6, RFC 8037 section 2).
public enum KeyComponents: Hashable, Sendable {
  /// JWK `kty` RSA: members `n` and `e`.
  case rsa(modulus: [UInt8], exponent: [UInt8])
  /// JWK `kty` EC: members `x` and `y`, each as long as the curve's coordinate.
  case ec(EllipticCurve, x: [UInt8], y: [UInt8])
  /// JWK `kty` OKP with `crv` Ed25519: member `x`, 32 bytes.
  case ed25519(x: [UInt8])

  /// What the key can be used with.
  public var keyType: KeyType {
    switch self {
    case .rsa: .rsa
    case .ec(let curve, _, _): .ec(curve)
    case .ed25519: .ed25519
    }
  }

  /// The bounds for outside keys: below them RSA can be broken, above them one verification takes too long.
  func check() throws(CryptoError) {
    switch self {
    case .rsa(let modulus, let exponent):
      guard modulus.count <= 2_048, exponent.count <= 2_048 else { throw .invalidKey("an RSA number is too long") }
      let significant = modulus.drop { $0 == 0 }
      let bits = significant.count * 8 - (significant.first?.leadingZeroBitCount ?? 0)
      guard (2_048...8_192).contains(bits) else {
        throw .invalidKey("an RSA modulus has 2048 to 8192 bits, not \(bits)")
      }
      guard significant.last.map({ $0 & 1 == 1 }) == true else { throw .invalidKey("the RSA modulus is even") }
      let shortExponent = exponent.drop { $0 == 0 }
      guard shortExponent.count <= 4 else { throw .invalidKey("the RSA exponent is past 32 bits") }
      let value = shortExponent.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard value >= 3, value & 1 == 1 else { throw .invalidKey("the RSA exponent is not an odd number of at least 3") }
    case .ec(let curve, let x, let y):
      guard x.count == curve.coordinateByteCount, y.count == curve.coordinateByteCount else {
        throw .invalidKey("a coordinate on \(curve.rawValue) has \(curve.coordinateByteCount) bytes")
      }
    case .ed25519(let x):
      guard x.count == 32 else { throw .invalidKey("an Ed25519 key has 32 bytes, not \(x.count)") }
    }
  }
}
