/// The ledger's tables.
///
/// Keys that callers can make long are digests; see ``Digest``. Times are integers, in the unit that the name says.
struct LedgerSchema {
  static let version: Int64 = 2

  /// `TEXT`, ordered by bytes.
  let textType: String
  /// Selects the names of the columns that the table `$1` has.
  let selectColumns: String

  static let sqlite = LedgerSchema(textType: "TEXT", selectColumns: "SELECT name FROM pragma_table_info($1)")
  static let postgreSQL = LedgerSchema(
    textType: "TEXT COLLATE \"C\"",
    selectColumns: """
      SELECT CAST(attname AS TEXT) FROM pg_attribute
      WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped
      """)

  /// Makes the tables where there are none, brings those of an older format up to date, and checks that those that are
  /// there are this program's. Gives the format that was found where that was an older one. To be run in a transaction
  /// that keeps other processes from doing the same.
  ///
  /// Without `createIfMissing` nothing is changed: whoever only looks must not keep servers of an older version from
  /// starting again.
  func open(_ session: any LedgerSession, createIfMissing: Bool) throws(LedgerError) -> Int64? {
    var older: Int64?
    if createIfMissing { try session.run("CREATE TABLE IF NOT EXISTS ledger_schema (version BIGINT NOT NULL)") }
    var rows = try session.run("SELECT version FROM ledger_schema").rows
    switch rows.count {
    case 0 where createIfMissing:
      for statement in statements { try session.run(statement) }
      try session.run("INSERT INTO ledger_schema (version) VALUES ($1)", .integer(Self.version))
    case 1:
      let found = try rows[0].integer()
      switch found {
      case Self.version: break
      case 1 where createIfMissing:
        try migrate(session, from: found)
        older = found
      case 1:
        throw Self.refusal(found, "the first server of this version that starts brings it up to date")
      default:
        throw Self.refusal(
          found, found > Self.version ? "use a newer program" : "no release wrote that: restore a backup")
      }
    case 0: throw LedgerError(.unusable, "there is no ledger in this database")
    default: throw LedgerError(.unusable, "the ledger has several versions at once: restore a backup")
    }
    for list in [StateTable.columns, IdentityTable.identities, IdentityTable.credentials, AuditTable.columns] {
      try session.run("SELECT \(list.selection) FROM \(list.table) LIMIT 0")
    }
    guard try session.run("SELECT last_id FROM ledger_audit_counter").rows.count == 1 else {
      throw LedgerError(.unusable, "the ledger has lost the counter of its audit trail: restore a backup")
    }
    return older
  }

  private static func refusal(_ found: Int64, _ advice: String) -> LedgerError {
    LedgerError(.unusable, "the ledger has format \(found), and this program knows \(version): \(advice)")
  }

  private var statements: [String] {
    let template = """
      CREATE TABLE ledger_state (
        name TEXT PRIMARY KEY, namespace TEXT NOT NULL, kind TEXT NOT NULL, generator TEXT NOT NULL,
        owner_name TEXT NOT NULL, owner_label TEXT NOT NULL, owner_attributes TEXT NOT NULL,
        workload_kind TEXT, workload_name TEXT, workload_uid TEXT, workload_namespace TEXT,
        identity TEXT NOT NULL, method TEXT NOT NULL, provider TEXT NOT NULL, subject TEXT NOT NULL,
        federation_kind TEXT NOT NULL, federation_name TEXT NOT NULL, further_federations TEXT,
        resource TEXT NOT NULL, state TEXT NOT NULL, phase TEXT NOT NULL, instance TEXT NOT NULL,
        created_at BIGINT NOT NULL, expires_at BIGINT, revocation_reason TEXT, attempts BIGINT NOT NULL,
        next_attempt_at BIGINT NOT NULL, last_error TEXT, resource_digest TEXT);
      CREATE INDEX ledger_state_owner ON ledger_state (owner_label, namespace);
      CREATE INDEX ledger_state_identity ON ledger_state (identity);
      CREATE INDEX ledger_state_expiry ON ledger_state (phase, expires_at);
      CREATE INDEX ledger_state_resource ON ledger_state (kind, resource_digest);
      CREATE TABLE ledger_identity (
        digest TEXT PRIMARY KEY, name TEXT NOT NULL, method TEXT NOT NULL, provider TEXT NOT NULL,
        subject TEXT NOT NULL, federation_kind TEXT NOT NULL, federation_name TEXT NOT NULL,
        further_federations TEXT);
      CREATE INDEX ledger_identity_name ON ledger_identity (name);
      CREATE TABLE ledger_credential (
        identity TEXT NOT NULL REFERENCES ledger_identity (digest), entry TEXT NOT NULL, store TEXT, secret TEXT,
        namespace TEXT, kind TEXT, generator TEXT, state_name TEXT,
        workload_kind TEXT, workload_name TEXT, workload_uid TEXT, workload_namespace TEXT,
        last_issued_at BIGINT NOT NULL, UNIQUE (identity, entry));
      CREATE INDEX ledger_credential_state ON ledger_credential (state_name);
      CREATE TABLE ledger_audit (
        id BIGINT PRIMARY KEY, at_milliseconds BIGINT NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL,
        method TEXT, provider TEXT, subject TEXT, target TEXT NOT NULL, state_name TEXT, owner_name TEXT, peer TEXT,
        detail TEXT, times BIGINT NOT NULL, federation_kind TEXT, federation_name TEXT, further_federations TEXT);
      CREATE INDEX ledger_audit_time ON ledger_audit (at_milliseconds);
      CREATE TABLE ledger_audit_counter (last_id BIGINT NOT NULL);
      INSERT INTO ledger_audit_counter (last_id) VALUES (0)
      """
    return template.split(separator: ";").map { String($0).replacing(" TEXT", with: " \(textType)") }
  }
}
