import Ledger
import Logging

/// Credentials that this process began to make and must not hand out: each is marked for cleanup in the ledger, as soon
/// as the ledger can be reached.
actor Withdrawals {
  private let ledger: any Ledger
  private let log: Log
  private var reasons: [String: String] = [:]

  init(ledger: any Ledger, log: Log) {
    self.ledger = ledger
    self.log = log
  }

  /// Marks the state, or remembers to.
  func withdraw(_ stateName: String, because reason: String) async {
    reasons[stateName] = reason
    await mark(stateName, because: reason)
  }

  /// Tries again what could not be marked before.
  func retry() async {
    for (name, reason) in reasons where !(await mark(name, because: reason)) { return }
  }

  /// What is still to be marked.
  var count: Int { reasons.count }

  @discardableResult
  private func mark(_ name: String, because reason: String) async -> Bool {
    var filter = StateFilter()
    filter.name = name
    do throws(LedgerError) {
      _ = try await ledger.markForRevocation(filter, reason: reason)
      reasons[name] = nil
      return true
    } catch {
      log.write(.error, "ledger_failed", ["doing": "withdraw", "state": name, "reason": error.message])
      return false
    }
  }
}
