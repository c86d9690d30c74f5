import Ledger

/// Credentials that this process began to make and must not hand out: each is marked for cleanup in the ledger, as soon
/// as the ledger can be reached.
actor Withdrawals {
  /// What was announced and never made is remembered up to here only, since it grows with each call while the ledger is
  /// away; past it the ``Reaper`` finds such a state abandoned.
  static let maximumUnmade = 4_096

  private struct Withdrawal {
    var reason: String
    /// The state where the ledger has to be told of it first.
    var unannounced: GeneratorState?
  }

  private let ledger: any Ledger
  private let lines: IssuanceLines
  private var waiting: [String: Withdrawal] = [:]

  init(ledger: any Ledger, lines: IssuanceLines) {
    self.ledger = ledger
    self.lines = lines
  }

  /// Marks the state, or remembers to.
  func withdraw(_ stateName: String, because reason: String) async {
    await keep(stateName, Withdrawal(reason: reason))
  }

  /// Remembers to mark the state, under which nothing was made, if the ledger has it.
  func withdraw(unmade stateName: String, because reason: String) {
    guard waiting.count < Self.maximumUnmade else { return }
    waiting[stateName] = Withdrawal(reason: reason)
  }

  /// Remembers to mark the state, and to announce and mark `other`, which is of the same credential and knows more of it.
  /// Where the ledger has just failed, a caller is not kept waiting for it to fail again.
  func withdraw(later stateName: String, because reason: String, unannounced other: GeneratorState?) {
    waiting[stateName] = Withdrawal(reason: reason)
    if let other { waiting[other.name] = Withdrawal(reason: reason, unannounced: other) }
  }

  /// Announces `state`, of which something was made that the ledger may know nothing of any more, and marks it; or
  /// remembers to.
  func withdraw(forgotten state: GeneratorState, because reason: String) async {
    await keep(state.name, Withdrawal(reason: reason, unannounced: state))
  }

  /// Tries again what could not be marked before.
  func retry() async {
    for name in waiting.keys where !(await mark(name)) { return }
  }

  /// What is still to be marked.
  var count: Int { waiting.count }

  private func keep(_ name: String, _ withdrawal: Withdrawal) async {
    waiting[name] = withdrawal
    await mark(name)
  }

  @discardableResult
  private func mark(_ name: String) async -> Bool {
    guard let withdrawal = waiting[name] else { return true }
    var filter = StateFilter()
    filter.name = name
    do throws(LedgerError) {
      if let state = withdrawal.unannounced { try await announce(state) }
      _ = try await ledger.markForRevocation(filter, reason: withdrawal.reason)
      waiting[name] = nil
      return true
    } catch {
      lines.ledgerFailed(.withdraw, error, state: name)
      return false
    }
  }

  private func announce(_ state: GeneratorState) async throws(LedgerError) {
    do throws(LedgerError) {
      try await ledger.announce(state)
      waiting[state.name]?.unannounced = nil
    } catch {
      // An earlier try was written although its answer was lost.
      guard error.kind == .conflict else { throw error }
    }
  }
}
