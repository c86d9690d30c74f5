import FederationAPI
import Resources

/// Secrets that stand in the manifest, with the meaning of External Secrets' fake provider: an entry answers only a
/// reference with its own version, and one without a version only a reference without.
public final class FakeStore: MemoryStore {
  private struct Name: Hashable {
    let key: [UInt8]
    let version: [UInt8]
  }

  private let unversioned: SecretTable
  private let versioned: [Name: SecretBytes]

  /// Makes a store; of two entries with the same key and version the later counts.
  public init(_ secrets: [FakeSecret]) {
    var unversioned: [[UInt8]: SecretBytes] = [:]
    var versioned: [Name: SecretBytes] = [:]
    for secret in secrets {
      let key = Array(secret.key.utf8)
      // External Secrets does not tell an empty version from none.
      if let version = secret.version, !version.isEmpty {
        versioned[Name(key: key, version: Array(version.utf8))] = secret.value
      } else {
        unversioned[key] = secret.value
      }
    }
    self.unversioned = SecretTable(unversioned)
    self.versioned = versioned
  }

  /// Answers at once.
  public func read(_ reference: SecretReference) -> Reply<SecretBytes> {
    guard let version = reference.version, !version.isEmpty else {
      guard let value = unversioned.value(of: reference.key.utf8.span.bytes) else {
        return .ready(.failure(.noSecret(reference)))
      }
      return .ready(value.property(of: reference))
    }
    guard let value = versioned[Name(key: Array(reference.key.utf8), version: Array(version.utf8))] else {
      return .ready(.failure(.noVersion(version, reference)))
    }
    return .ready(value.property(of: reference))
  }

  /// The entry without a version.
  public func valueInMemory(_ key: RawSpan) -> SecretBytes? { unversioned.value(of: key) }
}
