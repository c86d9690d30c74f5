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

  /// Revokes what `filter` finds. Once it is marked in the ledger it will be taken back whatever happens; an answer of
  /// success says that it was.
  func revoke(
    _ filter: StateFilter, reason: String, actor: CredentialCleaner.Actor, from source: any GeneratorSource
  ) async -> Result<Void, RPCError> {
    let states: [GeneratorState]
    do throws(LedgerError) {
      states = try await ledger.markForRevocation(filter, reason: reason)
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
}
