import Crypto
import FederationAPI

/// The federations that may vouch for the tokens of one issuer, as one trust has them.
final class IssuerFederations: Sendable {
  struct Member: Sendable {
    let source: KeySetCache.Source
    let rules: FederationRules
    /// The federation's own bundle, or why it cannot be used.
    let bundle: Result<CertificateBundle?, Refusal>
  }

  let issuer: String
  /// In the order of the manifests.
  let members: [Member]
  /// What is the matter when there is no member.
  let problem: String

  init(issuer: String, trust: Trust, bundles: FederationBundles) {
    self.issuer = issuer
    var problem = "no Authorization with a federation that is here names the token's issuer"
    members = trust.policy.federations(issuer: issuer).compactMap { reference in
      guard let federation = trust.federations[reference], let rules = FederationRules(federation) else { return nil }
      if let own = rules.issuer, !own.utf8.span.bytes.isEqual(to: issuer.utf8.span.bytes) {
        problem = "the federation does not make tokens of this issuer"
        return nil
      }
      let bundle = Result { () throws(Refusal) in try bundles.bundle(rules.caBundle, of: reference) }
      return Member(
        source: KeySetCache.Source(federation: reference, location: rules.keys), rules: rules, bundle: bundle)
    }
    self.problem = problem
  }
}
