import FederationAPI
import Resources
import Synchronization

/// Since when each federation has been what it is now, so that an identity bound to a connection ends when
/// the federation that vouched for it is removed or points elsewhere.
final class FederationHistory: Sendable {
  private struct State {
    var definitions: [FederationReference: FederationRules] = [:]
    var changedIn: [FederationReference: UInt64] = [:]
  }

  private let state = Mutex(State())
  private let seenGeneration = Atomic<UInt64>(0)

  /// Takes note of `trust`; true when it is newer than all before.
  func observe(_ trust: Trust) -> Bool {
    guard trust.generation > seenGeneration.load(ordering: .acquiring) else { return false }
    return state.withLock { state in
      guard trust.generation > seenGeneration.load(ordering: .acquiring) else { return false }
      let definitions = trust.federations.compactMapValues(FederationRules.init)
      var changedIn: [FederationReference: UInt64] = [:]
      for (reference, rules) in definitions {
        let isSame = state.definitions[reference] == rules
        changedIn[reference] = isSame ? state.changedIn[reference] : trust.generation
      }
      state.definitions = definitions
      state.changedIn = changedIn
      seenGeneration.store(trust.generation, ordering: .releasing)
      return true
    }
  }

  /// Whether every federation that vouched for `identity` is still there and unchanged since.
  func stillVouches(for identity: VerifiedIdentity, in trust: Trust) -> Bool {
    state.withLock { state in
      identity.federations.allSatisfy { reference in
        guard trust.federations[reference] != nil, let changedIn = state.changedIn[reference] else { return false }
        return changedIn <= identity.trustGeneration
      }
    }
  }
}
