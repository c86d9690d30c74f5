import Crypto
import FederationAPI

/// Digests by which an agent knows again what it wrote and what it read.
enum DataHash {
  /// Of a Secret's data: hexadecimal SHA-256 over keys and values with their lengths, keys in byte order.
  static func of(_ data: [String: SecretBytes]) -> String {
    let context = SHA256Context()
    context.start()
    for key in data.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      guard let value = data[key] else { continue }
      context.add("\(key.utf8.count):\(key):\(value.count):".utf8.span.bytes)
      value.withBytes { context.add($0) }
    }
    let words = context.finish()
    return [words.0, words.1, words.2, words.3].map { hexadecimal($0.littleEndian) }.joined()
  }

  /// Of a text that is no secret, short enough for a label.
  static func short(_ text: [UInt8]) -> String { String(Hexadecimal.encode(SHA256.digest(text)).prefix(32)) }

  private static func hexadecimal(_ word: UInt64) -> String {
    Hexadecimal.encode((0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) })
  }
}
