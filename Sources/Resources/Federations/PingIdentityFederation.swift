/// A PingOne environment whose access tokens are trusted.
///
/// `identity.federation.external-secrets.io/v1alpha1`.
public struct PingIdentityFederation: Sendable, Equatable {
  /// `spec.region`: the top-level domain of the region's hosts.
  public enum Region: String, Sendable, CaseIterable {
    case com, eu, asia, ca
  }

  /// `spec.managementAPI`: the worker application that tells whether an identity is still there.
  public struct ManagementAPI: Sendable, Equatable {
    /// `clientIdSecretRef`.
    public var clientID: SecretKeySelector
    /// `clientSecretRef`.
    public var clientSecret: SecretKeySelector
    /// `url`, our addition: in place of `https://api.pingone.{region}/v1`.
    public var url: String?

    /// Makes it.
    public init(clientID: SecretKeySelector, clientSecret: SecretKeySelector, url: String? = nil) {
      self.clientID = clientID
      self.clientSecret = clientSecret
      self.url = url
    }
  }

  /// `metadata.name`.
  public var name: String
  /// `spec.region`.
  public var region: Region
  /// `spec.environmentId`: a UUID.
  public var environmentID: String
  /// `spec.issuer`, our addition: the whole issuer URL where the environment has a domain of its own.
  public var issuer: String?
  /// `spec.audiences`, our addition: a token must be meant for one of these; nil when any audience will do.
  public var audiences: [String]?
  /// `spec.caBundle` decoded, our addition: PEM certificates that are trusted in place of the system's.
  public var caBundle: [UInt8]?
  /// `spec.managementAPI`.
  public var managementAPI: ManagementAPI?
  /// The manifest's first line.
  public var location: SourceLocation

  /// Makes a federation without checking it; ``ManifestLoader`` checks.
  public init(
    name: String, region: Region, environmentID: String, issuer: String? = nil, audiences: [String]? = nil,
    caBundle: [UInt8]? = nil, managementAPI: ManagementAPI? = nil, location: SourceLocation
  ) {
    self.name = name
    self.region = region
    self.environmentID = environmentID
    self.issuer = issuer
    self.audiences = audiences
    self.caBundle = caBundle
    self.managementAPI = managementAPI
    self.location = location
  }

  /// The `iss` of its tokens, and where its discovery document is.
  public var tokenIssuer: String { issuer ?? "https://auth.pingone.\(region.rawValue)/\(environmentID)/as" }
}
