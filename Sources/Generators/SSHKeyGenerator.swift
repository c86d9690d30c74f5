import Crypto
import FederationAPI
import Resources

/// Gives a key pair in OpenSSH's forms.
struct SSHKeyGenerator: TracelessGenerator {
  private let spec: SSHKeySpec

  init(_ spec: SSHKeySpec) { self.spec = spec }

  func values() async throws(RPCError) -> GeneratedValues {
    do throws(CryptoError) {
      let key =
        switch spec.keyType {
        case .rsa(let bits): try await RSAKeyMaker.shared.makeKey(bits: bits)
        case .ed25519: try PrivateKey.generateEd25519()
        }
      return [
        "privateKey": try key.openSSHPrivateKey(comment: spec.comment),
        "publicKey": SecretBytes(try key.openSSHPublicKey(comment: spec.comment)),
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

  func makeKey(bits: Int) throws(CryptoError) -> PrivateKey { try PrivateKey.generateRSA(bits: bits) }
}
