/// An Okta authorization server whose access tokens are trusted.
///
/// `identity.federation.external-secrets.io/v1alpha1`.
public struct OktaFederation: Sendable, Equatable {
  /// `metadata.name`.
  public var name: String
  /// `spec.domain`: for example `https://example.okta.com`, without slashes at its end.
  public var domain: String
  /// `spec.authorizationServerId`: `default` where the manifest has none; empty for the org's own server.
  public var authorizationServerID: String
  /// `spec.issuer`, our addition: the tokens' `iss` where it is not what the domain and the server's ID make.
  public var issuer: String?
  /// `spec.audiences`, our addition: a token must be meant for one of these; nil when any audience will do.
  public var audiences: [String]?
  /// `spec.caBundle` decoded, our addition: PEM certificates that are trusted in place of the system's.
  public var caBundle: [UInt8]?
  /// `spec.managementAPI.apiTokenSecretRef`: the token that tells whether an identity is still there.
  public var apiToken: SecretKeySelector?
  /// The manifest's first line.
  public var location: SourceLocation

  /// Makes a federation without checking it; ``ManifestLoader`` checks.
  public init(
    name: String, domain: String, authorizationServerID: String = "default", issuer: String? = nil,
    audiences: [String]? = nil, caBundle: [UInt8]? = nil, apiToken: SecretKeySelector? = nil, location: SourceLocation
  ) {
    self.name = name
    self.domain = domain
    self.authorizationServerID = authorizationServerID
    self.issuer = issuer
    self.audiences = audiences
    self.caBundle = caBundle
    self.apiToken = apiToken
    self.location = location
  }

  /// Below which the server's endpoints are, for example `https://example.okta.com/oauth2/default`.
  public var serverURL: String {
    authorizationServerID.isEmpty ? "\(domain)/oauth2" : "\(domain)/oauth2/\(authorizationServerID)"
  }

  /// Where its keys are.
  public var keysURL: String { "\(serverURL)/v1/keys" }

  /// The `iss` of its tokens: the org's own server writes the bare domain.
  public var tokenIssuer: String { issuer ?? (authorizationServerID.isEmpty ? domain : serverURL) }
}
