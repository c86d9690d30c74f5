import Crypto
import FederationAPI

/// Texts that nobody can predict.
enum RandomText {
  static let lowerCase = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
  static let alphanumeric = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

  /// `count` characters of `alphabet`, which has at most 256, each as likely as the others.
  static func make(_ alphabet: [UInt8], _ count: Int) throws(RPCError) -> String {
    // Bytes past the last whole alphabet would favour its beginning.
    let limit = 256 / alphabet.count * alphabet.count
    var characters: [UInt8] = []
    while characters.count < count {
      let bytes: [UInt8]
      do throws(CryptoError) {
        bytes = try SecureRandom.bytes(2 * (count - characters.count))
      } catch { throw RPCError(.internal, "no random bytes") }
      for byte in bytes where Int(byte) < limit && characters.count < count {
        characters.append(alphabet[Int(byte) % alphabet.count])
      }
    }
    return String(decoding: characters, as: UTF8.self)
  }
}
