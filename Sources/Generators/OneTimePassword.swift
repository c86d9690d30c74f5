import Crypto
import FederationAPI

/// One-time passwords by counter (RFC 4226), and by time, which counts periods (RFC 6238).
enum OneTimePassword {
  /// The password of `counter`: `digits` decimal digits, 6 to 9.
  static func text(
    seed: SecretBytes, counter: UInt64, digits: Int, hash: HMAC.Hash
  ) throws(CryptoError) -> SecretBytes {
    let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> UInt64(56 - 8 * $0)) }
    let code = try HMAC.code(of: message, key: seed, hash: hash)
    // RFC 4226 section 5.3: the last four bits say where the 31 bits begin.
    let offset = Int(code[code.count - 1] & 0x0F)
    var value = Int(code[offset] & 0x7F) << 24 | Int(code[offset + 1]) << 16 | Int(code[offset + 2]) << 8
    value |= Int(code[offset + 3])
    var text = [UInt8](repeating: 0, count: digits)
    for place in text.indices.reversed() {
      text[place] = UInt8(ascii: "0") + UInt8(value % 10)
      value /= 10
    }
    return SecretBytes(wiping: &text)
  }
}
