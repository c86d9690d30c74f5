import Crypto
import FederationAPI
import TestSupport
import Testing

@Suite struct PrivateKeyTests {
  @Test("comes back the same from its PEM form", arguments: [SignatureAlgorithm.rs256, .es256, .es384, .es512, .edDSA])
  func pem(algorithm: SignatureAlgorithm) throws {
    let key = try TestKeys.key(for: algorithm)
    let pem = try key.pem
    #expect(pem.text?.hasPrefix("-----BEGIN PRIVATE KEY-----\n") == true)
    let again = try PrivateKey(pem: pem)
    #expect(again.publicKey.components == key.publicKey.components)
    let signature = try again.sign([1, 2, 3], algorithm: algorithm)
    #expect(key.publicKey.verify(signature: signature, of: [1, 2, 3], algorithm: algorithm))
  }

  @Test("refuses text that holds no key", arguments: ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
  func noKey(text: String) {
    #expect(throws: CryptoError.self) { try PrivateKey(pem: SecretBytes(text)) }
  }

  @Test("refuses to sign with an algorithm that does not fit")
  func unfit() throws {
    let key = try TestKeys.key(for: .es256)
    #expect(throws: CryptoError.self) { try key.sign([1], algorithm: .rs256) }
    #expect(throws: CryptoError.self) { try key.sign([1], algorithm: .es384) }
  }

  @Test("refuses to make weak RSA keys")
  func weak() {
    #expect(throws: CryptoError.self) { try PrivateKey.generateRSA(bits: 1_024) }
  }
}
