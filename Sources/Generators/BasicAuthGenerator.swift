import Crypto
import FederationAPI
import Resources

/// Gives a random user name and a random password.
struct BasicAuthGenerator: TracelessGenerator {
  private static let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8)
  private static let numberCount = 4

  private let username: BasicAuthSpec.Username
  private let password: PasswordGenerator

  init(_ spec: BasicAuthSpec) {
    username = spec.username
    password = PasswordGenerator(spec.password)
  }

  func values() async throws(RPCError) -> GeneratedValues {
    do throws(CryptoError) {
      return ["username": try name(), "password": try password.password()]
    } catch {
      throw RPCError(error)
    }
  }

  private func name() throws(CryptoError) -> SecretBytes {
    var text = Array(username.prefix.utf8)
    for word in 0..<username.wordCount {
      if word > 0 { text += username.separator.utf8 }
      for _ in 0..<username.length { text.append(Self.letters[try SecureRandom.index(below: Self.letters.count)]) }
    }
    text += username.suffix.utf8
    if username.includeNumbers {
      for _ in 0..<Self.numberCount { text.append(UInt8(ascii: "0") + UInt8(try SecureRandom.index(below: 10))) }
    }
    return SecretBytes(wiping: &text)
  }
}
