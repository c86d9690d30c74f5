import JSON
import Ledger

/// Writes all that a ledger holds as JSON lines, each with its `type`: `state`, `identity` or `audit`.
struct LedgerExport {
  private static let pageLimit = 1_000

  let ledger: any Ledger
  let output: CommandOutput

  /// False when stdout did not take everything.
  func run() async throws(LedgerError) -> Bool {
    for state in try await ledger.states(StateFilter(), limit: .max) {
      guard output.write(state.document.with("type", "state").line) else { return false }
    }
    for identity in try await ledger.identities(name: nil) {
      guard output.write(identity.document.with("type", "identity").line) else { return false }
    }
    var filter = AuditFilter()
    filter.afterID = 0
    while true {
      let page = try await ledger.audit(filter, limit: Self.pageLimit)
      guard let last = page.last else { return true }
      guard output.write(page.map { $0.document.with("type", "audit").line }.joined()) else { return false }
      filter.afterID = last.id
    }
  }
}
