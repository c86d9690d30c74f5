import Crypto

/// A SPIFFE trust domain whose X.509-SVIDs are trusted.
///
/// `identity.federation.external-secrets.io/v1alpha1`.
public struct SpiffeFederation: Sendable, Equatable {
  /// Where the certificates come from that vouch for the trust domain's SVIDs.
  public enum Bundle: Sendable, Equatable {
    /// `spec.trustBundle`: our addition.
    case inline(SPIFFETrustBundle)
    /// `spec.trustBundleFile`: the absolute path of a PEM file, read again when it changes; our addition.
    case file(String)
    /// Neither: the SPIFFE Workload API.
    case workloadAPI
  }

  /// `metadata.name`.
  public var name: String
  /// `spec.trustDomain`: its name, without `spiffe://`.
  public var trustDomain: String
  /// The certificates that verify SVIDs of ``trustDomain``.
  public var bundle: Bundle
  /// The manifest's first line.
  public var location: SourceLocation

  /// Makes a federation without checking it; ``ManifestLoader`` checks.
  public init(name: String, trustDomain: String, bundle: Bundle, location: SourceLocation) {
    self.name = name
    self.trustDomain = trustDomain
    self.bundle = bundle
    self.location = location
  }
}
