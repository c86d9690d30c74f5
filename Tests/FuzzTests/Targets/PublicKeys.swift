@testable import Crypto

extension FuzzTarget {
  /// A byte for the kind, then a key's numbers or a signature: what OpenSSL takes comes back as it was.
  static let publicKey = FuzzTarget("public-key") { bytes in
    guard let kind = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    let curve = EllipticCurve.allCases[Int(kind) % EllipticCurve.allCases.count]
    if let raw = ECDSASignature.raw(fromDER: rest, curve: curve) {
      try hold(raw.count == 2 * curve.coordinateByteCount, "a raw signature has its curve's length")
      let der = ECDSASignature.der(fromRaw: raw, curve: curve)
      try hold(der.flatMap { ECDSASignature.raw(fromDER: $0, curve: curve) } == raw, "a signature comes back as it was")
    }
    guard let components = components(kind, rest, curve), let key = try? PublicKey(components) else { return }
    try hold(key.components == components, "a key is what it was made of")
    for algorithm in SignatureAlgorithm.allCases where algorithm.keyType != key.keyType {
      try hold(!key.verify(signature: rest, of: rest, algorithm: algorithm), "a key verifies its own kind only")
    }
    for algorithm in SignatureAlgorithm.allCases where algorithm.keyType == key.keyType {
      _ = key.verify(signature: rest, of: rest, algorithm: algorithm)
    }
  }

  private static func components(_ kind: UInt8, _ bytes: [UInt8], _ curve: EllipticCurve) -> KeyComponents? {
    switch kind / 3 % 3 {
    case 0: return .rsa(modulus: Array(bytes.dropFirst(3)), exponent: Array(bytes.prefix(3)))
    case 1:
      let count = curve.coordinateByteCount
      return .ec(curve, x: Array(bytes.prefix(count)), y: Array(bytes.dropFirst(count).prefix(count)))
    default: return .ed25519(x: Array(bytes.prefix(32)))
    }
  }
}
