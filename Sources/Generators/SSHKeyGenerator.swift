import Crypto
import FederationAPI
import Resources

/// Gives a key pair in OpenSSH's forms.
struct SSHKeyGenerator: TracelessGenerator {
  private let spec: SSHKeySpec

  init(_ spec: SSHKeySpec) { self.spec = spec }

  func values() async throws(RPCError) -> GeneratedValues {
    switch spec.keyType {
    case .rsa(let bits): return try await RSAKeyMaker.shared.values(bits: bits, comment: spec.comment)
    case .ed25519: return try Self.values(comment: spec.comment, of: PrivateKey.generateEd25519)
    }
  }

  fileprivate static func values(
    comment: String, of makeKey: () throws(CryptoError) -> PrivateKey
  ) throws(RPCError) -> GeneratedValues {
    do throws(CryptoError) {
      let key = try makeKey()
      return [
        "privateKey": try key.openSSHPrivateKey(comment: comment),
        "publicKey": SecretBytes(try key.openSSHPublicKey(comment: comment)),
      ]
    } catch {
      throw RPCError(error)
    }
  }
}

/// Makes one RSA key after the other, however many are asked for: each takes up to seconds of a processor's whole time,
/// and the threads that all other calls run on are as few as the processors.
private actor RSAKeyMaker {
  static let shared = RSAKeyMaker()

  func values(bits: Int, comment: String) throws(RPCError) -> GeneratedValues {
    // The caller may have gone while others' keys were made.
    if Task.isCancelled { throw RPCError(.cancelled, "the call was cancelled") }
    return try SSHKeyGenerator.values(comment: comment) { () throws(CryptoError) in
      try PrivateKey.generateRSA(bits: bits)
    }
  }
}
