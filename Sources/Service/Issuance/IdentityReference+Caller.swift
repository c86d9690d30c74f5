import FederationAPI
import Ledger

extension IdentityReference {
  /// The identity, under the federations of the grants that it used.
  init(_ identity: VerifiedIdentity, _ federations: Set<FederationReference>) {
    self.init(
      method: identity.method, provider: identity.provider, subject: identity.subject, federations: federations)
  }
}
