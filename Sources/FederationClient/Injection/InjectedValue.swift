import FederationAPI

/// Where a value that is injected comes from.
public enum InjectedValue: Hashable, Sendable, CustomStringConvertible {
  /// A store's key.
  case secret(SecretName)
  /// A generator's output key, such as `username`.
  case output(GeneratorReference, key: String)

  /// The key, without its store or generator.
  public var key: String {
    switch self {
    case .secret(let name): name.key
    case .output(_, let key): key
    }
  }

  /// As the injection flags write it, for example `vault.db-password` or `apps/Password/database.password`.
  public var description: String {
    switch self {
    case .secret(let name): name.description
    case .output(let generator, let key): "\(generator).\(PrintableText.of(key))"
    }
  }
}
