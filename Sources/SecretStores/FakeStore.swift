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
  private let keyCount: Int
  /// Without a version, what is not in ``unversioned``.
  private let versioned: [Name: SecretBytes]

  /// Makes a store; of two entries with the same key and version the later counts.
  public init(_ secrets: [FakeSecret]) {
    var unversioned: [[UInt8]: SecretBytes] = [:]
    var versioned: [Name: SecretBytes] = [:]
    for secret in secrets {
      let key = Array(secret.key.utf8)
      // External Secrets does not tell an empty version from none.
      let version = Array((secret.version ?? "").utf8)
      // Keys that no wire lets a caller name must not be found by one that looks at bytes only.
      if version.isEmpty, !key.isEmpty, !key.contains(0) {
        unversioned[key] = secret.value
      } else {
        versioned[Name(key: key, version: version)] = secret.value
      }
    }
    self.unversioned = SecretTable(unversioned)
    keyCount = unversioned.count + versioned.count
    self.versioned = versioned
  }

  /// Answers at once.
  public func read(_ reference: SecretReference) -> Reply<SecretBytes> {
    let version = reference.version ?? ""
    if version.isEmpty, let value = unversioned.value(of: reference.key.utf8.span.bytes) {
      return .ready(value.property(of: reference))
    }
    guard let value = versioned[Name(key: Array(reference.key.utf8), version: Array(version.utf8))] else {
      return .ready(.failure(version.isEmpty ? .noSecret(reference) : .noVersion(version, reference)))
    }
    return .ready(value.property(of: reference))
  }

  /// None: another manifest makes another store.
  public var changes: StoreChanges { .never }

  /// The entry without a version, if its key is one that the wires can name.
  public func valueInMemory(_ key: RawSpan) -> SecretBytes? { unversioned.value(of: key) }

  /// Every key with its greatest version, compared as text, as External Secrets does; none is the least.
  public func list(_ store: String) -> Reply<[SecretReference]> {
    guard keyCount <= maximumListedKeys else { return .ready(.failure(.tooManyKeys(store))) }
    return .pending { [self] in
      var newest: [[UInt8]: [UInt8]] = [:]
      for name in versioned.keys {
        let known = newest[name.key]
        if known?.lexicographicallyPrecedes(name.version) ?? true { newest[name.key] = name.version }
      }
      var references: [SecretReference] = []
      for key in unversioned.keys where newest[key] == nil {
        references.append(SecretReference(store: store, key: String(decoding: key, as: UTF8.self)))
      }
      for (key, version) in newest where !key.isEmpty && !key.contains(0) {
        references.append(
          SecretReference(
            store: store, key: String(decoding: key, as: UTF8.self),
            version: version.isEmpty ? nil : String(decoding: version, as: UTF8.self)))
      }
      return .success(references)
    }
  }
}
