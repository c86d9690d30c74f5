import FederationAPI

/// What one subject of one federation may read, make and revoke.
///
/// `federation.external-secrets.io/v1alpha1`.
public struct Authorization: Sendable, Equatable {
  /// Whom the grant is for. Issuers, subjects and IDs are compared byte for byte.
  public enum Subject: Sendable, Hashable {
    /// `subject.oidc`: the token's `iss` and `sub`.
    case oidc(issuer: String, subject: String)
    /// `subject.spiffe`: the full SPIFFE ID, for example `spiffe://example.org/app`.
    case spiffe(id: String)
  }

  /// `metadata.name`.
  public var name: String
  /// `spec.federationRef`: only tokens that this federation's keys verified may match.
  public var federationRef: FederationReference
  /// `spec.subject`.
  public var subject: Subject
  /// `spec.allowedClusterSecretStores`: names of ClusterSecretStores.
  public var allowedClusterSecretStores: [String]
  /// `spec.allowedGenerators`.
  public var allowedGenerators: [GeneratorReference]
  /// `spec.allowedGeneratorStates`: the namespaces whose generator states may be revoked.
  public var allowedGeneratorStates: [String]
  /// The manifest's first line.
  public var location: SourceLocation

  /// Makes an authorization without checking it; ``ManifestLoader`` checks.
  public init(
    name: String, federationRef: FederationReference, subject: Subject, allowedClusterSecretStores: [String] = [],
    allowedGenerators: [GeneratorReference] = [], allowedGeneratorStates: [String] = [], location: SourceLocation
  ) {
    self.name = name
    self.federationRef = federationRef
    self.subject = subject
    self.allowedClusterSecretStores = allowedClusterSecretStores
    self.allowedGenerators = allowedGenerators
    self.allowedGeneratorStates = allowedGeneratorStates
    self.location = location
  }
}

extension Authorization.Subject {
  /// What an identity's `provider` must equal: the issuer, or the name of the SPIFFE ID's trust domain.
  public var provider: String {
    switch self {
    case .oidc(let issuer, _): issuer
    case .spiffe(let id): SPIFFEID.trustDomain(of: id)
    }
  }

  /// What an identity's `subject` must equal.
  public var principal: String {
    switch self {
    case .oidc(_, let subject): subject
    case .spiffe(let id): id
    }
  }
}
