import FederationAPI

/// The audit trail.
struct AuditTable {
  static let columns = ColumnList(
    "ledger_audit",
    """
    id at_milliseconds action outcome method provider subject target state_name owner_name peer detail times \
    \(FederationColumns.names)
    """)
  /// Removed in one transaction, so that no call outlasts its time however long the trail is.
  static let trimmedAtOnce: Int64 = 5_000

  let session: any LedgerSession

  /// To be a transaction's last step: the counter keeps other writers waiting until it ends. That is what makes ids
  /// visible in their own order, so that whoever follows the trail by id misses nothing.
  func append(_ entries: [AuditEntry]) throws(LedgerError) {
    guard !entries.isEmpty else { return }
    let counter = try session.run(
      "UPDATE ledger_audit_counter SET last_id = last_id + $1 RETURNING last_id", .integer(Int64(entries.count)))
    guard var row = counter.rows.first else {
      throw LedgerError(.unusable, "the ledger has lost the counter of its audit trail: restore a backup")
    }
    let first = try row.integer() - Int64(entries.count) + 1
    let rows = entries.enumerated().map { values($1, id: first + Int64($0)) }
    try Self.columns.insert(rows, into: session)
  }

  func entries(_ filter: AuditFilter, limit: Int) throws(LedgerError) -> [AuditEntry] {
    var conditions = Conditions()
    if let id = filter.afterID { conditions.add("id", ">", .integer(id)) }
    if let time = filter.sinceMilliseconds { conditions.add("at_milliseconds", ">=", .integer(time)) }
    if let time = filter.untilMilliseconds { conditions.add("at_milliseconds", "<", .integer(time)) }
    if let action = filter.action { conditions.add("action", "=", .text(action.rawValue)) }
    if let outcome = filter.outcome { conditions.add("outcome", "=", .text(outcome)) }
    if let subject = filter.subject { conditions.add("subject", "=", .text(subject)) }
    if let target = filter.target { conditions.add("target", "=", .text(target)) }
    let isFollowing = filter.afterID != nil
    let clause = conditions.limited(isFollowing ? "id" : "id DESC", to: limit)
    let sql = "SELECT \(Self.columns.selection) FROM \(Self.columns.table)\(clause)"
    var entries: [AuditEntry] = []
    for row in try session.run(sql, conditions.values).rows { entries.append(try entry(row)) }
    return isFollowing ? entries : entries.reversed()
  }

  /// Removes some of the older entries; gives how many.
  func trim(olderThanMilliseconds time: Int64) throws(LedgerError) -> Int {
    try session.run(
      """
      DELETE FROM ledger_audit WHERE id IN (
        SELECT id FROM ledger_audit WHERE at_milliseconds < $1 ORDER BY at_milliseconds LIMIT $2)
      """, .integer(time), .integer(Self.trimmedAtOnce)
    ).changed
  }

  private func values(_ entry: AuditEntry, id: Int64) -> [LedgerValue] {
    [
      .integer(id), .integer(entry.atMilliseconds), .text(entry.action.rawValue), .text(entry.outcome),
      .text(entry.identity?.method.rawValue), .text(entry.identity?.provider), .text(entry.identity?.subject),
      .text(entry.target), .text(entry.stateName), .text(entry.owner), .text(entry.peer), .text(entry.detail),
      .integer(entry.count),
    ] + FederationColumns.values(entry.identity?.federations ?? [])
  }

  private func entry(_ stored: LedgerRow) throws(LedgerError) -> AuditEntry {
    var row = stored
    let id = try row.integer()
    let time = try row.integer()
    let action = try row.value(AuditEntry.Action.self)
    let outcome = try row.text()
    let method = try row.optionalText().flatMap(AuthenticationMethod.init)
    let provider = try row.optionalText()
    let subject = try row.optionalText()
    var identity: AuditIdentity?
    if let method, let provider, let subject {
      identity = AuditIdentity(method: method, provider: provider, subject: subject)
    }
    var entry = AuditEntry(
      id: id, atMilliseconds: time, action: action, outcome: outcome, identity: identity, target: try row.text(),
      stateName: try row.optionalText(), owner: try row.optionalText(), peer: try row.optionalText(),
      detail: try row.optionalText(), count: try row.integer())
    entry.identity?.federations = try FederationColumns.read(&row)
    return entry
  }
}
