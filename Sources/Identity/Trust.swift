import Crypto
import FederationAPI
import Policy
import Resources

/// Whom the server trusts: one immutable view of the manifests, the same from a request's start to its end.
public struct Trust: Sendable {
  /// Grows with every change of the manifests.
  public var generation: UInt64
  /// The federations that Authorizations may name.
  public var federations: [FederationReference: Federation] { didSet { issuers = IssuerMemory() } }
  /// The bundles of those that are SPIFFE trust domains; one without cannot verify anybody.
  public var bundles: [FederationReference: SPIFFETrustBundle]
  /// All Authorizations.
  public var policy: PolicyIndex { didSet { issuers = IssuerMemory() } }
  /// What was found in the above for the issuers of tokens.
  private(set) var issuers = IssuerMemory()

  /// Makes a view.
  public init(
    generation: UInt64, federations: [FederationReference: Federation], policy: PolicyIndex,
    bundles: [FederationReference: SPIFFETrustBundle] = [:]
  ) {
    self.generation = generation
    self.federations = federations
    self.bundles = bundles
    self.policy = policy
  }
}
