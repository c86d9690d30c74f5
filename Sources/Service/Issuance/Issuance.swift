import FederationAPI
import Generators
import Ledger
import Logging

/// Generators, ledger and all that keeps the two in step. One for the life of a server; manifests come and go.
public final class Issuance: Sendable {
  /// What was issued to whom.
  public let ledger: any Ledger
  /// How credentials live and die.
  public let settings: IssuanceSettings
  let issuer: CredentialIssuer
  let revoker: CredentialRevoker
  let cleaner: CredentialCleaner
  let withdrawals: Withdrawals
  let journal: AuditJournal
  let counts = IssuanceCounts()
  let log: Log

  /// Makes them over `ledger`.
  public init(ledger: any Ledger, settings: IssuanceSettings = IssuanceSettings(), log: Log) {
    self.ledger = ledger
    self.settings = settings
    self.log = log
    let lines = IssuanceLines(log: log, clock: settings.monotonicClock)
    withdrawals = Withdrawals(ledger: ledger, lines: lines)
    issuer = CredentialIssuer(
      ledger: ledger, withdrawals: withdrawals, settings: settings, counts: counts, lines: lines)
    cleaner = CredentialCleaner(ledger: ledger, settings: settings, counts: counts, lines: lines)
    revoker = CredentialRevoker(ledger: ledger, cleaner: cleaner, lines: lines)
    journal = AuditJournal(ledger: ledger, wallClock: settings.wallClock, log: log)
  }

  /// Writes to the audit trail what nothing waits for, until the task is cancelled.
  public func runJournal() async { await journal.run() }

  /// Writes what the journal holds and what is to be withdrawn, and lets go of the ledger.
  public func close() async {
    await withdrawals.retry()
    await journal.finish()
    await ledger.close()
  }
}
