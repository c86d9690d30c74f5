/// `spec` of a generator of kind `SSHKey`: a key pair in OpenSSH's forms.
public struct SSHKeySpec: Sendable, Equatable {
  /// What the key is.
  public enum KeyType: Sendable, Equatable {
    /// `rsa` with 2048, 3072 or 4096 bits.
    case rsa(bits: Int)
    /// `ed25519`.
    case ed25519
  }

  /// `keyType` and `keySize`.
  public var keyType: KeyType
  /// What stands behind the public key, possibly empty, in one line.
  public var comment: String

  /// Makes a spec without checking it.
  public init(keyType: KeyType = .rsa(bits: 2_048), comment: String = "") {
    self.keyType = keyType
    self.comment = comment
  }
}
