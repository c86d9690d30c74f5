/// An OpenID Connect issuer whose tokens are trusted, such as GitHub Actions or GitLab CI: our addition.
///
/// `identity.federation.external-secrets.io/v1alpha1`.
public struct OIDCFederation: Sendable, Equatable {
  /// `metadata.name`.
  public var name: String
  /// `spec.issuer`: the tokens' `iss`, byte for byte; its discovery document says where the keys are.
  public var issuer: String
  /// `spec.audiences`: a token must be meant for one of these; nil when any audience will do.
  public var audiences: [String]?
  /// `spec.caBundle` decoded: PEM certificates that are trusted in place of the system's.
  public var caBundle: [UInt8]?
  /// The manifest's first line.
  public var location: SourceLocation

  /// Makes a federation without checking it; ``ManifestLoader`` checks.
  public init(
    name: String, issuer: String, audiences: [String]? = nil, caBundle: [UInt8]? = nil, location: SourceLocation
  ) {
    self.name = name
    self.issuer = issuer
    self.audiences = audiences
    self.caBundle = caBundle
    self.location = location
  }
}
