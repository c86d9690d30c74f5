/// Where a store or generator has a credential of its own from.
public enum CredentialSource: Sendable, Hashable {
  /// An entry of a `Secret` manifest: `{name: …, key: …}`.
  case secret(SecretKeySelector)
  /// A file that is read anew each time it is needed: `{file: PATH}`, our addition.
  case file(String)
  /// A variable of the server's environment: `{env: NAME}`, our addition.
  case environment(String)

  /// The longest content of a file, in bytes.
  public static let maximumByteCount = 64 << 10
}
