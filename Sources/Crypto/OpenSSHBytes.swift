import COpenSSL
import FederationAPI

/// Bytes in the forms of RFC 4251 section 5, wiped when they are let go.
///
/// Not Sendable: it belongs to whoever made it.
final class OpenSSHBytes {
  /// The private part of a key file is padded to whole blocks of its cipher; `none` has blocks of eight bytes.
  static let blockSize = 8
  private static let base64LineLength = 70

  private var bytes: [UInt8] = []

  init() {
    // Room for the largest key: growing would leave copies behind.
    bytes.reserveCapacity(16_384)
  }

  deinit { Self.wipe(&bytes) }

  var count: Int { bytes.count }
  /// The bytes, for those that are public.
  var copied: [UInt8] { bytes }

  func appendRaw(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }

  /// `uint32`.
  func append(_ number: UInt32) {
    for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  /// `string`.
  func append(_ text: [UInt8]) {
    append(UInt32(text.count))
    bytes.append(contentsOf: text)
  }

  /// `string` with other such bytes in it.
  func append(_ other: OpenSSHBytes) { append(other.bytes) }

  /// `mpint` of a number that is not negative, given big-endian.
  func append(number: [UInt8]) {
    let significant = number.drop { $0 == 0 }
    let needsZero = significant.first.map { $0 >= 0x80 } ?? false
    append(UInt32(significant.count + (needsZero ? 1 : 0)))
    if needsZero { bytes.append(0) }
    bytes.append(contentsOf: significant)
  }

  /// The bytes in PEM form, with OpenSSH's line length.
  func pem(label: String) -> SecretBytes {
    var encoded = Self.base64(bytes)
    defer { Self.wipe(&encoded) }
    var text: [UInt8] = []
    text.reserveCapacity(encoded.count + encoded.count / Self.base64LineLength + 128)
    defer { Self.wipe(&text) }
    text += "-----BEGIN \(label)-----\n".utf8
    for (index, character) in encoded.enumerated() {
      if index > 0, index % Self.base64LineLength == 0 { text.append(UInt8(ascii: "\n")) }
      text.append(character)
    }
    text += "\n-----END \(label)-----\n".utf8
    return SecretBytes(text)
  }

  /// Base64 with padding (RFC 4648 section 4).
  static func base64(_ bytes: [UInt8]) -> [UInt8] {
    // EVP_EncodeBlock ends its text with a zero.
    var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
    let written = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
    text.removeLast(text.count - Int(written))
    return text
  }

  static func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
  }
}
