import TestSupport

/// A ledger as programs of format 1 make, write and read it: their statements, word for word.
struct FormatOneLedger {
  let place: LedgerPlace

  /// Makes the tables. The first programs had no federations in the audit trail. `version` is the column's definition.
  init(
    _ backend: LedgerBackend, auditsFederations: Bool = true, version: String = "version BIGINT NOT NULL"
  ) async throws {
    place = try await backend.place()
    let database = try RawDatabase(place)
    for statement in Self.tables.split(separator: ";") {
      let text = backend == .postgreSQL ? " TEXT COLLATE \"C\"" : " TEXT"
      try await database.run(String(statement).replacing(" TEXT", with: text))
    }
    try await database.run("CREATE TABLE ledger_schema (\(version))")
    try await database.run("INSERT INTO ledger_schema (version) VALUES (1)")
    guard !auditsFederations else { return }
    for column in ["federation_kind", "federation_name"] {
      try await database.run("ALTER TABLE ledger_audit DROP COLUMN \(column)")
    }
  }

  /// A live state.
  static func insertState(_ name: String, federation: String = "a", resource: String = "{}") -> String {
    """
    INSERT INTO ledger_state (name, namespace, kind, generator, owner_name, owner_label, owner_attributes, \
    workload_kind, workload_name, workload_uid, workload_namespace, identity, method, provider, subject, \
    federation_kind, federation_name, resource, state, phase, instance, created_at, expires_at, revocation_reason, \
    attempts, next_attempt_at, last_error) VALUES ('\(name)', 'apps', 'PostgreSql', 'db', 'pod-1', 'pod-1', '{}', \
    NULL, NULL, NULL, NULL, 'digest', 'oidc', 'https://a.example', 's', 'KubernetesFederation', '\(federation)', \
    '\(resource)', '{}', 'live', 'i', 1000, NULL, NULL, 0, 0, NULL)
    """
  }

  static let selectStates =
    "SELECT name, federation_kind, federation_name, resource, phase FROM ledger_state ORDER BY name"

  /// An identity with a credential, and a line of the audit trail.
  static let insertRecord = [
    """
    INSERT INTO ledger_identity (digest, name, method, provider, subject, federation_kind, federation_name) VALUES \
    ('digest', 'oidc-s', 'oidc', 'https://a.example', 's', 'KubernetesFederation', 'a')
    """,
    """
    INSERT INTO ledger_credential (identity, entry, store, secret, last_issued_at) \
    VALUES ('digest', 'e', 'store', 'key', 7)
    """,
    "UPDATE ledger_audit_counter SET last_id = 1",
    """
    INSERT INTO ledger_audit (id, at_milliseconds, action, outcome, method, provider, subject, target, times) \
    VALUES (1, 5, 'credential.generate', 'ok', 'oidc', 'https://a.example', 's', 'old', 1)
    """,
  ]

  private static let tables = """
    CREATE TABLE ledger_state (
      name TEXT PRIMARY KEY, namespace TEXT NOT NULL, kind TEXT NOT NULL, generator TEXT NOT NULL,
      owner_name TEXT NOT NULL, owner_label TEXT NOT NULL, owner_attributes TEXT NOT NULL,
      workload_kind TEXT, workload_name TEXT, workload_uid TEXT, workload_namespace TEXT,
      identity TEXT NOT NULL, method TEXT NOT NULL, provider TEXT NOT NULL, subject TEXT NOT NULL,
      federation_kind TEXT NOT NULL, federation_name TEXT NOT NULL,
      resource TEXT NOT NULL, state TEXT NOT NULL, phase TEXT NOT NULL, instance TEXT NOT NULL,
      created_at BIGINT NOT NULL, expires_at BIGINT, revocation_reason TEXT, attempts BIGINT NOT NULL,
      next_attempt_at BIGINT NOT NULL, last_error TEXT);
    CREATE INDEX ledger_state_owner ON ledger_state (owner_label, namespace);
    CREATE INDEX ledger_state_identity ON ledger_state (identity);
    CREATE INDEX ledger_state_expiry ON ledger_state (phase, expires_at);
    CREATE TABLE ledger_identity (
      digest TEXT PRIMARY KEY, name TEXT NOT NULL, method TEXT NOT NULL, provider TEXT NOT NULL,
      subject TEXT NOT NULL, federation_kind TEXT NOT NULL, federation_name TEXT NOT NULL);
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
      detail TEXT, times BIGINT NOT NULL, federation_kind TEXT, federation_name TEXT);
    CREATE INDEX ledger_audit_time ON ledger_audit (at_milliseconds);
    CREATE TABLE ledger_audit_counter (last_id BIGINT NOT NULL);
    INSERT INTO ledger_audit_counter (last_id) VALUES (0)
    """
}

extension LedgerPlace {
  /// The format that the ledger says it has.
  func format() async throws -> String? { try await run("SELECT version FROM ledger_schema")[0][0] }

  /// The columns of all tables and the names of all indexes, in one order.
  func schema() async throws -> [[String?]] {
    switch location {
    case .directory:
      try await run(
        """
        SELECT m.name, c.name, c.type, c.\"notnull\" FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'
        UNION ALL SELECT name, tbl_name, '', 0 FROM sqlite_schema WHERE type = 'index' ORDER BY 1, 2
        """)
    case .postgreSQL:
      try await run(
        """
        SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) || a.attcollation, a.attnotnull::text
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relname LIKE 'ledger_%' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2
        """)
    }
  }
}
