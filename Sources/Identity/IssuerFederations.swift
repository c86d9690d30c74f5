import Crypto
import FederationAPI

/// The federations that may vouch for the tokens of one issuer, as one trust has them.
final class IssuerFederations: Sendable {
  struct Member: Sendable {
    let source: KeySetCache.Source
    let audiences: [String]?
    /// The federation's own bundle, or why it cannot be used.
    let bundle: Result<CertificateBundle?, Refusal>
  }

  let issuer: String
  /// In the order of the manifests.
  let members: [Member]

  init(issuer: String, trust: Trust, bundles: FederationBundles) {
    self.issuer = issuer
    members = trust.policy.federations(issuer: issuer).compactMap { reference in
      guard reference.kind == "KubernetesFederation", let federation = trust.federations[reference] else { return nil }
      let bundle = Result { () throws(Refusal) in try bundles.bundle(of: federation, named: reference) }
      return Member(
        source: KeySetCache.Source(federation: reference, url: federation.url), audiences: federation.audiences,
        bundle: bundle)
    }
  }
}
