import FederationAPI

/// A place that secrets are read from.
///
/// `external-secrets.io/v1`; `v1beta1` is read too.
public struct ClusterSecretStore: Sendable, Equatable {
  /// Where the secrets are.
  public enum Provider: Sendable, Equatable {
    /// `provider.fake`: the secrets stand in the manifest. No two have the same key and version.
    case fake([FakeSecret])
    /// `provider.local`: the encrypted database in the server's data directory.
    case local
    /// Somewhere else.
    case remote(RemoteBackend)
  }

  /// `metadata.name`.
  public var name: String
  /// `spec.provider`.
  public var provider: Provider
  /// How long values of ``Provider/remote(_:)`` may be kept.
  public var caching: CachePolicy
  /// The Secrets without which ``Provider/remote(_:)`` cannot be used.
  public var secrets: Set<SecretNeed>
  /// The manifest's first line.
  public var location: SourceLocation

  /// Makes a store without checking it; ``ManifestLoader`` checks.
  public init(
    name: String, provider: Provider, caching: CachePolicy = CachePolicy(), secrets: Set<SecretNeed> = [],
    location: SourceLocation
  ) {
    self.name = name
    self.provider = provider
    self.caching = caching
    self.secrets = secrets
    self.location = location
  }
}

/// One entry of `provider.fake.data`.
public struct FakeSecret: Sendable, Equatable {
  /// The key it is asked for by.
  public var key: String
  /// The value, possibly empty.
  public var value: SecretBytes
  /// The version it is asked for by; nil when it has none.
  public var version: String?

  /// Makes an entry.
  public init(key: String, value: SecretBytes, version: String? = nil) {
    self.key = key
    self.value = value
    self.version = version
  }
}
