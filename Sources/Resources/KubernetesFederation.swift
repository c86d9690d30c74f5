/// A client cluster whose service account tokens are trusted.
///
/// `identity.federation.external-secrets.io/v1alpha1`; the older group `federation.external-secrets.io` is read too.
public struct KubernetesFederation: Sendable, Equatable {
  /// `metadata.name`.
  public var name: String
  /// `spec.url`: the cluster's API server, an https URL without user, query or fragment; slashes at its end are cut.
  public var url: String
  /// `spec.issuer`, our addition: the one `iss` that the cluster's tokens may have; nil when any will do.
  public var issuer: String?
  /// `spec.audiences`: a token must be meant for one of these; nil when any audience will do.
  public var audiences: [String]?
  /// `spec.caBundle` decoded: PEM certificates that are trusted for `url` in place of the caller's.
  public var caBundle: [UInt8]?
  /// The manifest's first line.
  public var location: SourceLocation

  /// Makes a federation without checking it; ``ManifestLoader`` checks.
  public init(
    name: String, url: String, issuer: String? = nil, audiences: [String]? = nil, caBundle: [UInt8]? = nil,
    location: SourceLocation
  ) {
    self.name = name
    self.url = url
    self.issuer = issuer
    self.audiences = audiences
    self.caBundle = caBundle
    self.location = location
  }
}
