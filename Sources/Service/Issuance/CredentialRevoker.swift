import FederationAPI
import Generators
import Ledger
import Logging

/// Takes credentials back because somebody who may asked for it.
final class CredentialRevoker: Sendable {
  private let ledger: any Ledger
  private let cleaner: CredentialCleaner
  private let log: Log

  init(ledger: any Ledger, cleaner: CredentialCleaner, log: Log) {
    self.ledger = ledger
    self.cleaner = cleaner
    self.log = log
  }

  /// Revokes what `filter` finds of what was handed out. Once it is marked in the ledger it will be taken back whatever happens; an answer of
  /// success says that it was.
  /// `isMeant` narrows that further.
  func revoke(
    _ filter: StateFilter, where isMeant: (@Sendable (GeneratorState) -> Bool)? = nil, reason: String,
    actor: CredentialCleaner.Actor, from source: any GeneratorSource
  ) async -> Result<Void, RPCError> {
    var handedOut = filter
    // One that is still being made comes after this call. To clean up from it now would be to forget it before there is
    // anything to find.
    handedOut.phases = [.live, .revoking]
    let states: [GeneratorState]
    do throws(LedgerError) {
      states =
        if let isMeant {
          try await mark(handedOut, where: isMeant, reason: reason)
        } else {
          try await ledger.markForRevocation(handedOut, reason: reason)
        }
    } catch {
      log.write(.error, "ledger_failed", ["doing": "revoke", "reason": error.message])
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
    return .success(())
  }
  private func mark(
    _ filter: StateFilter, where isMeant: (GeneratorState) -> Bool, reason: String
  ) async throws(LedgerError) -> [GeneratorState] {
    var marked: [GeneratorState] = []
    for state in try await ledger.states(filter, limit: .max) where isMeant(state) {
      var one = filter
      one.name = state.name
      marked += try await ledger.markForRevocation(one, reason: reason)
    }
    return marked
  }
}
