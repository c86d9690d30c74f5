import COpenSSL

/// Turns the fixed-length `r‖s` of JWS (RFC 7518 section 3.4) into the DER that OpenSSL speaks, and back.
enum ECDSASignature {
  /// nil when the length is not twice the coordinate's.
  static func der(fromRaw raw: [UInt8], curve: EllipticCurve) -> [UInt8]? {
    let half = curve.coordinateByteCount
    guard raw.count == 2 * half, let signature = ECDSA_SIG_new() else { return nil }
    defer { ECDSA_SIG_free(signature) }
    let r = BN_bin2bn(Array(raw.prefix(half)), Int32(half), nil)
    let s = BN_bin2bn(Array(raw.suffix(half)), Int32(half), nil)
    guard ECDSA_SIG_set0(signature, r, s) == 1 else {
      BN_free(r)
      BN_free(s)
      return nil
    }
    var output: UnsafeMutablePointer<UInt8>?
    let count = i2d_ECDSA_SIG(signature, &output)
    defer { CRYPTO_free(output, #file, #line) }
    guard count > 0, let output else { return nil }
    return Array(UnsafeBufferPointer(start: output, count: Int(count)))
  }

  /// nil when `der` is not a signature whose numbers fit the curve.
  static func raw(fromDER der: [UInt8], curve: EllipticCurve) -> [UInt8]? {
    let half = curve.coordinateByteCount
    let signature = der.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return d2i_ECDSA_SIG(nil, &start, bytes.count)
    }
    guard let signature else { return nil }
    defer { ECDSA_SIG_free(signature) }
    var r = [UInt8](repeating: 0, count: half)
    var s = [UInt8](repeating: 0, count: half)
    guard BN_bn2binpad(ECDSA_SIG_get0_r(signature), &r, Int32(half)) == half,
      BN_bn2binpad(ECDSA_SIG_get0_s(signature), &s, Int32(half)) == half
    else { return nil }
    return r + s
  }
}
