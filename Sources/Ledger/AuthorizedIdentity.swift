import FederationAPI

/// What one identity was given. Mirrors `AuthorizedIdentity` of `federation.external-secrets.io/v1alpha1`.
public struct AuthorizedIdentity: Sendable, Equatable {
  /// `<method>-<sanitised subject>-<digest of method, provider and subject>`, at most 253 characters.
  public var name: String
  /// Who it is.
  public var identity: IdentityReference
  /// What it was given, each once, the newest last; at most ``maximumCredentials``.
  public var issuedCredentials: [IssuedCredential]

  /// The most entries that are kept of one identity; those of secrets that were read longest ago go first.
  public static let maximumCredentials = 1_000

  /// Makes a record.
  public init(name: String, identity: IdentityReference, issuedCredentials: [IssuedCredential]) {
    self.name = name
    self.identity = identity
    self.issuedCredentials = issuedCredentials
  }
}

/// One entry of `issuedCredentials`. Two are the same entry when all but ``lastIssuedAtSeconds`` is equal.
public struct IssuedCredential: Sendable, Hashable {
  /// Where it came from.
  public enum Source: Sendable, Hashable {
    /// A key of a ClusterSecretStore.
    case secret(store: String, key: String)
    /// A generator, with the name of the GeneratorState.
    case generator(GeneratorReference, stateName: String)
  }

  /// Where it came from.
  public var source: Source
  /// The workload that it was given to, if known.
  public var workload: WorkloadBinding?
  /// When it was last given, in seconds since 1970-01-01T00:00:00Z.
  public var lastIssuedAtSeconds: Int64

  /// Makes an entry.
  public init(source: Source, workload: WorkloadBinding?, lastIssuedAtSeconds: Int64) {
    self.source = source
    self.workload = workload
    self.lastIssuedAtSeconds = lastIssuedAtSeconds
  }
}
