/// Where the ledger's tables are. The statements are the same for every database; see ``SQLLedger``.
protocol LedgerDatabase: Sendable {
  /// Runs `body` in one transaction, durable when this returns. An error rolls everything back.
  ///
  /// `body` may run again, from the start, when the database gave its transaction up in favour of another one.
  func transaction<Result: Sendable>(
    _ body: @escaping @Sendable (any LedgerSession) throws(LedgerError) -> Result
  ) async throws(LedgerError) -> Result

  /// Runs `body`, which only reads, and with one statement.
  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any LedgerSession) throws(LedgerError) -> Result
  ) async throws(LedgerError) -> Result

  /// Lets go of its connections.
  func close() async
}

/// A connection while it works for one call.
protocol LedgerSession {
  /// Runs one statement. Its parameters are `$1`, `$2` and so on, in the order of their first appearance.
  func run(_ sql: String, _ values: [LedgerValue]) throws(LedgerError) -> LedgerRows
}

extension LedgerSession {
  @discardableResult
  func run(_ sql: String, _ values: LedgerValue...) throws(LedgerError) -> LedgerRows { try run(sql, values) }
}

/// Which processes share the ledger, and which of them leads.
protocol LedgerPresence: Sendable {
  /// Makes sure that the others see this process alive, as far as that is known without asking anybody.
  func show() async throws(LedgerError)
  /// As ``Ledger/leads()``.
  func leads() async throws(LedgerError) -> Bool
  /// As ``Ledger/dead(among:)``, for other instances than the own one.
  func dead(among instances: Set<String>) async throws(LedgerError) -> Set<String>
  /// Lets go of leadership and of the own instance.
  func close() async
}
