import Crypto
import FederationAPI

/// Names of GeneratorStates.
enum StateName {
  private static let maximumBytes = 253
  private static let secondSuffix = "-2"
  private static let randomBytes = 8

  /// `<kind>-<name>-<owner label>-<random>` in lower case, as Kubernetes names objects (RFC 1123 section 2.1).
  static func make(_ generator: GeneratorReference, ownerLabel: String) throws(CryptoError) -> String {
    let suffix = Hexadecimal.encode(try SecureRandom.bytes(randomBytes))
    let readable = "\(generator.kind)-\(generator.name)-\(ownerLabel)".lowercased().utf8.map { byte in
      isNameByte(byte) ? byte : UInt8(ascii: "-")
    }
    // A name starts with a letter or digit.
    let head = readable.drop { $0 == UInt8(ascii: "-") }.prefix(
      maximumBytes - suffix.utf8.count - secondSuffix.utf8.count - 1)
    return head.isEmpty ? suffix : String(decoding: head, as: UTF8.self) + "-" + suffix
  }

  /// Another name for what was made under `name`; nothing else has it.
  static func second(_ name: String) -> String { name + secondSuffix }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }
}
