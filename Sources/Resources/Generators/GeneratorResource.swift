import FederationAPI

/// A generator as its manifest describes it.
///
/// `generators.external-secrets.io/v1alpha1`, namespaced.
public struct GeneratorResource: Sendable, Equatable {
  /// The longest ``snapshot``, in bytes.
  public static let maximumSnapshot = 1 << 20

  /// Its namespace (`default` where the manifest names none), kind and name.
  public var reference: GeneratorReference
  /// What it makes.
  public var spec: GeneratorSpec
  /// The Secrets without which it cannot be used.
  public var secrets: Set<SecretNeed>
  /// `spec.leaseDuration`, our addition: how long a credential lives at most, in seconds; nil for as long as it may.
  public var leaseSeconds: Int64?
  /// The manifest as one line of JSON with sorted keys: `apiVersion`, `kind`, `metadata` with `name` and `namespace`,
  /// and `spec`. ``init(snapshot:)`` reads it again. It is kept with each credential, so the values of a `Fake`, which
  /// are secrets and which no cleanup needs, are left empty in it.
  public var snapshot: String
  /// The manifest's first line.
  public var location: SourceLocation

  /// Makes a generator without checking it; ``ManifestLoader`` checks.
  public init(
    reference: GeneratorReference, spec: GeneratorSpec, secrets: Set<SecretNeed> = [], leaseSeconds: Int64? = nil,
    snapshot: String, location: SourceLocation
  ) {
    self.reference = reference
    self.spec = spec
    self.secrets = secrets
    self.leaseSeconds = leaseSeconds
    self.snapshot = snapshot
    self.location = location
  }
}

extension GeneratorResource {
  /// The Secrets without which nothing that it made can be taken back.
  public var cleanupSecrets: Set<ResourceName> {
    let leavesTraces = GeneratorKind(rawValue: reference.kind).map(GeneratorKind.leavingTraces.contains) ?? false
    return leavesTraces ? Set(secrets.map(\.secret)) : []
  }
}

/// What a generator makes, by kind.
public enum GeneratorSpec: Sendable, Equatable {
  case fake(FakeSpec)
  case password(PasswordSpec)
  /// A `UUID` has nothing to set.
  case uuid
  case sshKey(SSHKeySpec)
  case basicAuth(BasicAuthSpec)
  case mfa(MFASpec)
  case webhook(WebhookSpec)
  case postgreSql(PostgreSqlSpec)
  case vaultDynamicSecret(VaultDynamicSecretSpec)
}
