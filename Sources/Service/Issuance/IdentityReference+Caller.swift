import FederationAPI
import Ledger

extension IdentityReference {
  /// The identity, under the federation of the grant that it used.
  init(_ identity: VerifiedIdentity, _ federation: FederationReference) {
    self.init(
      method: identity.method, provider: identity.provider, subject: identity.subject, federation: federation)
  }
}
