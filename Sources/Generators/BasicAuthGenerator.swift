import Crypto
import FederationAPI
import Resources

/// Gives a random user name and a random password.
struct BasicAuthGenerator: TracelessGenerator {
  private static let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8)
  private static let digits = Array("0123456789".utf8)
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
      text += try SecureRandom.characters(username.length, of: Self.letters)
    }
    text += username.suffix.utf8
    if username.includeNumbers { text += try SecureRandom.characters(Self.numberCount, of: Self.digits) }
    return SecretBytes(wiping: &text)
  }
}
