/// Older formats, brought up to date.
///
/// Programs of format 1 that still run go on with the tables of format 2 as they are: all that is new are columns that may be
/// NULL and an index. What they write has no digests, which ``StateTable/resources(ofKinds:)`` allows for, and one
/// federation, as their rule has it.
extension LedgerSchema {
  private static let index = "CREATE INDEX IF NOT EXISTS ledger_state_resource ON ledger_state (kind, resource_digest)"

  /// Brings the tables from `format` to this program's. Columns that are there stay: an operator who had to go back to
  /// a program of format 1 left them.
  func migrate(_ session: any LedgerSession, from format: Int64) throws(LedgerError) {
    do throws(LedgerError) {
      // In the order in which transactions of running servers take the tables.
      try add(["further_federations", "resource_digest"], to: StateTable.columns, session)
      try add(["further_federations"], to: IdentityTable.identities, session)
      try add(["federation_kind", "federation_name", "further_federations"], to: AuditTable.columns, session)
      try StateTable(session: session).addResourceDigests()
      try session.run(Self.index)
      try session.run("UPDATE ledger_schema SET version = $1", .integer(Self.version))
    } catch {
      guard error.kind == .unusable else { throw error }
      throw LedgerError(
        .unusable, "the ledger cannot be brought from format \(format) to \(Self.version): \(error.message)")
    }
  }

  private func add(
    _ columns: [String], to list: ColumnList, _ session: any LedgerSession
  ) throws(LedgerError) {
    var present: Set<String> = []
    for stored in try session.run(selectColumns, .text(list.table)).rows {
      var row = stored
      present.insert(try row.text())
    }
    for column in columns where !present.contains(column) {
      try session.run("ALTER TABLE \(list.table) ADD COLUMN \(column) \(textType)")
    }
  }
}
