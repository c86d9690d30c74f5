import FederationAPI
import Generators
import Ledger

/// Takes credentials back because somebody who may asked for it.
final class CredentialRevoker: Sendable {
  private let ledger: any Ledger
  private let cleaner: CredentialCleaner
  private let lines: IssuanceLines

  init(ledger: any Ledger, cleaner: CredentialCleaner, lines: IssuanceLines) {
    self.ledger = ledger
    self.cleaner = cleaner
    self.lines = lines
  }

  /// Revokes what `filter` finds of what was handed out, and of that, where there is a `claim`, what is the caller's own.
  /// Once it is marked in the ledger it will be taken back whatever happens; an answer of success says that it was, and
  /// that nothing was left that may be the caller's.
  func revoke(
    _ filter: StateFilter, where claim: (@Sendable (GeneratorState) -> StateClaim)? = nil, reason: String,
    actor: CredentialCleaner.Actor, from source: any GeneratorSource
  ) async -> Result<Void, RPCError> {
    var handedOut = filter
    // One that is still being made comes after this call. To clean up from it now would be to forget it before there is
    // anything to find.
    handedOut.phases = [.live, .revoking]
    let states: [GeneratorState]
    let disputed: Int
    do throws(LedgerError) {
      (states, disputed) =
        if let claim {
          try await mark(handedOut, where: claim, reason: reason)
        } else {
          (try await ledger.markForRevocation(handedOut, reason: reason), 0)
        }
    } catch {
      lines.ledgerFailed(.revoke, error)
      return .failure(.ledgerUnavailable)
    }
    // Not cancelled with the call: what was begun is finished.
    let work = Task { await self.cleaner.clean(states, from: source, actor: actor) }
    let failures = await work.value
    guard failures == 0 else {
      return .failure(
        RPCError(
          .unavailable,
          "\(failures) of \(states.count) credentials could not be taken back yet; the server keeps trying"))
    }
    return disputed == 0 ? .success(()) : .failure(.disputed(disputed))
  }

  private func mark(
    _ filter: StateFilter, where claim: (GeneratorState) -> StateClaim, reason: String
  ) async throws(LedgerError) -> (marked: [GeneratorState], disputed: Int) {
    var marked: [GeneratorState] = []
    var disputed = 0
    for state in try await ledger.states(filter, limit: .max) {
      switch claim(state) {
      case .own:
        var one = filter
        one.name = state.name
        marked += try await ledger.markForRevocation(one, reason: reason)
      case .disputed: disputed += 1
      case .foreign: break
      }
    }
    return (marked, disputed)
  }
}

extension RPCError {
  /// What callers are told who may be whom a credential was made for, and may be another cluster's workload of that name.
  static func disputed(_ count: Int) -> RPCError {
    RPCError(
      .failedPrecondition,
      "\(count) of this workload's credentials were made for a token that other federations vouched for, too, and they do "
        + "not vouch for this one: try again later, or have RevokeCredentials take them back")
  }
}
