import FederationAPI
import Ledger
import Logging

/// Lines of the log about credentials that whoever calls can cause, so many a second of each kind. The audit trail has all
/// that became of credentials.
final class IssuanceLines: Sendable {
  /// What the ledger was asked for on behalf of a caller.
  enum Work: String, CaseIterable {
    case announce, confirm, revoke, withdraw, forget, postpone
  }

  private let log: Log
  private let clock: @Sendable () -> MonotonicTime
  private let ledgerFailures: [Work: LogLimit]
  private let noRandomness = LogLimit(linesPerSecond: 1)
  private let removals = LogLimit(linesPerSecond: 100)
  private let failedRemovals = LogLimit(linesPerSecond: 100)

  init(log: Log, clock: @escaping @Sendable () -> MonotonicTime) {
    self.log = log
    self.clock = clock
    ledgerFailures = Dictionary(uniqueKeysWithValues: Work.allCases.map { ($0, LogLimit(linesPerSecond: 10)) })
  }

  private var now: UInt64 { clock().nanoseconds }

  /// The ledger did not do something; `state` is the credential's, where that is not known otherwise.
  func ledgerFailed(_ work: Work, _ error: LedgerError, state: String? = nil) {
    guard let limit = ledgerFailures[work] else { return }
    log.write(
      .error, "ledger_failed", within: limit, at: now,
      state.map { ["doing": work.rawValue, "state": $0, "reason": error.message] }
        ?? ["doing": work.rawValue, "reason": error.message])
  }

  /// A credential could not be named.
  func hasNoRandomness(_ error: any Error) {
    log.write(.error, "no_randomness", within: noRandomness, at: now, ["reason": "\(error)"])
  }

  /// A credential was taken back.
  func removed(_ state: GeneratorState) {
    log.write(
      .info, "credential_removed", within: removals, at: now,
      ["state": state.name, "reason": state.revocationReason ?? ""])
  }

  /// A credential could not be taken back now.
  func notRemoved(_ state: GeneratorState, because error: RPCError) {
    log.write(
      .warning, "credential_not_removed", within: failedRemovals, at: now,
      ["state": state.name, "reason": error.description, "attempts": String(state.attempts + 1)])
  }
}
