import FederationAPI
import Resources

/// Secrets that stand in the manifest, with the meaning of External Secrets' fake provider: an entry answers only a
/// reference with its own version, and one without a version only a reference without.
public struct FakeStore: SecretStore {
  private struct Name: Hashable {
    let key: [UInt8]
    let version: [UInt8]
  }

  private let values: [Name: SecretBytes]

  /// Makes a store; of two entries with the same key and version the later counts.
  public init(_ secrets: [FakeSecret]) {
    var values: [Name: SecretBytes] = [:]
    for secret in secrets { values[FakeStore.name(secret.key, secret.version)] = secret.value }
    self.values = values
  }

  /// Answers at once.
  public func read(_ reference: SecretReference) -> Reply<SecretBytes> {
    if let value = values[FakeStore.name(reference.key, reference.version)] {
      return .ready(value.property(of: reference))
    }
    guard let version = reference.version, !version.isEmpty else { return .ready(.failure(.noSecret(reference))) }
    return .ready(.failure(.noVersion(version, reference)))
  }

  // External Secrets does not tell an empty version from none.
  private static func name(_ key: String, _ version: String?) -> Name {
    Name(key: Array(key.utf8), version: Array((version ?? "").utf8))
  }
}
