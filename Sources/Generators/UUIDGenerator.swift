import Crypto
import FederationAPI

/// Gives a random UUID.
struct UUIDGenerator: TracelessGenerator {
  func values() async throws(RPCError) -> GeneratedValues {
    do throws(CryptoError) {
      return ["uuid": Self.text(try SecureRandom.bytes(16))]
    } catch {
      throw RPCError(error)
    }
  }

  /// RFC 9562 sections 4 and 5.4: all bits of `random` but the six that say version 4 and the variant.
  static func text(_ random: [UInt8]) -> SecretBytes {
    var bytes = random
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = TextEncoding.hex.encode(bytes)
    var text: [UInt8] = []
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
      text.append(digit)
    }
    return SecretBytes(wiping: &text)
  }
}
