import Crypto
import FederationAPI
import Resources

/// Gives a random password with exactly as many digits and symbols as its manifest says.
struct PasswordGenerator: TracelessGenerator {
  private static let lower = Array("abcdefghijklmnopqrstuvwxyz".utf8)
  private static let upper = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
  private static let digits = Array("0123456789".utf8)

  private let spec: PasswordSpec

  init(_ spec: PasswordSpec) { self.spec = spec }

  func values() async throws(RPCError) -> GeneratedValues {
    do throws(CryptoError) {
      return ["password": try password()]
    } catch {
      throw RPCError(error)
    }
  }

  /// A new password.
  func password() throws(CryptoError) -> SecretBytes {
    let letters = spec.noUpper ? Self.lower : Self.lower + Self.upper
    var characters: [UInt8] = []
    // Room at once: growing would leave copies behind.
    characters.reserveCapacity(spec.length)
    try draw(spec.digits, from: Self.digits, into: &characters)
    try draw(spec.symbols, from: Array(spec.symbolCharacters.utf8), into: &characters)
    try draw(spec.length - spec.digits - spec.symbols, from: letters, into: &characters)
    try SecureRandom.shuffle(&characters)
    switch spec.encoding {
    case .raw: return SecretBytes(wiping: &characters)
    case .base64: return encoded(&characters, .base64)
    case .base64url: return encoded(&characters, .base64url)
    case .base32: return encoded(&characters, .base32)
    case .hex: return encoded(&characters, .hex)
    }
  }

  private func draw(_ count: Int, from alphabet: [UInt8], into characters: inout [UInt8]) throws(CryptoError) {
    var left = alphabet
    for _ in 0..<max(0, count) {
      let index = try SecureRandom.index(below: left.count)
      characters.append(left[index])
      if !spec.allowRepeat { left.swapRemove(at: index) }
    }
  }

  private func encoded(_ characters: inout [UInt8], _ encoding: TextEncoding) -> SecretBytes {
    var text = encoding.encode(characters)
    _ = SecretBytes(wiping: &characters)
    return SecretBytes(wiping: &text)
  }
}

extension Array {
  /// Removes one element, and lets the last take its place.
  fileprivate mutating func swapRemove(at index: Int) {
    swapAt(index, count - 1)
    removeLast()
  }
}
