import Crypto
import FederationAPI

/// Names of GeneratorStates.
enum StateName {
  private static let maximumBytes = 253
  private static let randomBytes = 8

  /// `<kind>-<name>-<owner label>-<random>` in lower case, as Kubernetes names objects (RFC 1123 section 2.1).
  static func make(_ generator: GeneratorReference, ownerLabel: String) throws(CryptoError) -> String {
    let suffix = hexadecimal(try SecureRandom.bytes(randomBytes))
    let readable = "\(generator.kind)-\(generator.name)-\(ownerLabel)".lowercased().utf8.map { byte in
      isNameByte(byte) ? byte : UInt8(ascii: "-")
    }
    return String(decoding: readable.prefix(maximumBytes - suffix.utf8.count - 1), as: UTF8.self) + "-" + suffix
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }
}
