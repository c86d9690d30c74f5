import COpenSSL
import FederationAPI

/// OpenSSH's own forms: RFC 4253 section 6.6 and RFC 8709 for the public half, the file PROTOCOL.key of OpenSSH for the
/// private one.
extension PrivateKey {
  /// The public half as a line of an `authorized_keys` file, without its line end; `comment` stands behind the key when
  /// it is not empty, and must hold no line break. Throws for keys that are neither RSA nor Ed25519.
  public func openSSHPublicKey(comment: String) throws(CryptoError) -> String {
    let name = try openSSHName()
    let key = String(decoding: OpenSSHBytes.base64(try openSSHPublicBytes()), as: UTF8.self)
    return comment.isEmpty ? "\(name) \(key)" : "\(name) \(key) \(comment)"
  }

  /// The whole key in OpenSSH's PEM form, unencrypted, `comment` inside. Throws for keys that are neither RSA nor
  /// Ed25519.
  public func openSSHPrivateKey(comment: String) throws(CryptoError) -> SecretBytes {
    let secrets = OpenSSHBytes()
    // The same number twice: with a passphrase, one that is wrong would show by it.
    let check = try SecureRandom.bytes(4)
    secrets.appendRaw(check)
    secrets.appendRaw(check)
    secrets.append(Array(try openSSHName().utf8))
    try appendSecretNumbers(to: secrets)
    secrets.append(Array(comment.utf8))
    var padding: UInt8 = 1
    while secrets.count % OpenSSHBytes.blockSize != 0 {
      secrets.appendRaw([padding])
      padding += 1
    }

    let file = OpenSSHBytes()
    file.appendRaw(Array("openssh-key-v1\0".utf8))
    file.append(Array("none".utf8))
    file.append(Array("none".utf8))
    file.append([])
    file.append(UInt32(1))
    file.append(try openSSHPublicBytes())
    file.append(secrets)
    return file.pem(label: "OPENSSH PRIVATE KEY")
  }

  private func openSSHName() throws(CryptoError) -> String {
    switch publicKey.keyType {
    case .rsa: return "ssh-rsa"
    case .ed25519: return "ssh-ed25519"
    case .ec: throw .invalidKey("only RSA and Ed25519 keys are written in OpenSSH's form")
    }
  }

  private func openSSHPublicBytes() throws(CryptoError) -> [UInt8] {
    let bytes = OpenSSHBytes()
    bytes.append(Array(try openSSHName().utf8))
    switch publicKey.components {
    case .rsa(let modulus, let exponent):
      bytes.append(number: exponent)
      bytes.append(number: modulus)
    case .ed25519(let x): bytes.append(x)
    case .ec: break
    }
    return bytes.copied
  }

  private func appendSecretNumbers(to bytes: OpenSSHBytes) throws(CryptoError) {
    switch publicKey.components {
    case .rsa(let modulus, let exponent):
      bytes.append(number: modulus)
      bytes.append(number: exponent)
      // Swift does not import the macros of the latter three names (EVP_PKEY-RSA(7)).
      for name in [OSSL_PKEY_PARAM_RSA_D, "rsa-coefficient1", "rsa-factor1", "rsa-factor2"] {
        var number = try secretNumber(name)
        bytes.append(number: number)
        OpenSSHBytes.wipe(&number)
      }
    case .ed25519(let x):
      var seed = try ed25519Seed()
      bytes.append(x)
      // `string` of both halves, put together in place.
      bytes.append(UInt32(seed.count + x.count))
      bytes.appendRaw(seed)
      bytes.appendRaw(x)
      OpenSSHBytes.wipe(&seed)
    case .ec: break
    }
  }
}
