import FederationAPI
import Ledger

/// Whose a credential is, as far as the federations that vouch for a caller tell.
enum StateClaim {
  /// The caller's.
  case own
  /// Of the federations that have to vouch for whoever takes it back some vouch for the caller, and some do not.
  case disputed
  /// Somebody else's.
  case foreign
}

extension ServiceSnapshot {
  /// Of the federations that vouched for the token that `state` was made for and granted its generator, those that are
  /// still there and grant it still: what the credential lives by.
  func holders(of state: GeneratorState) -> Set<FederationReference> {
    let remaining = state.identity.federations.filter { trust.federations[$0] != nil }
    let identity = VerifiedIdentity(
      method: state.identity.method, provider: state.identity.provider, subject: state.identity.subject,
      kubernetes: nil, federations: remaining, expiresAtSeconds: .max)
    return policy.federations(of: identity, granting: state.generator)
  }

  /// Whether the identity that `state` was made for may still use its generator: one federation is enough, as it was when
  /// the credential was made.
  func grants(_ state: GeneratorState) -> Bool { !holders(of: state).isEmpty }

  /// What a caller, with the subject of `state`, for whom the federations `vouching` vouch has to do with it.
  ///
  /// A cluster may publish another's keys beside its own, so that of several federations nobody can tell which one's the
  /// workload is. Its own token is the one that all of them vouch for.
  func claim(of vouching: Set<FederationReference>, to state: GeneratorState) -> StateClaim {
    let holders = holders(of: state)
    // What nothing holds any more the reaper is about to take back.
    let needed = holders.isEmpty ? state.identity.federations : holders
    if needed.isSubset(of: vouching) { return .own }
    return needed.isDisjoint(with: vouching) ? .foreign : .disputed
  }
}
