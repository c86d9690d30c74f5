import FederationAPI
import PostgreSQL

/// The ledger's tables in a PostgreSQL database, which many servers share.
struct PostgreSQLLedgerDatabase: LedgerDatabase {
  private static let maximumConnections = 8
  /// How often a transaction that gave way to another one is run in all.
  private static let maximumRuns = 4
  /// Whoever makes the tables holds this lock meanwhile.
  private static let schemaLock = "ese-federation ledger schema"
  /// How long opening waits for others that make or change the tables, and may take to do so itself.
  private static let openingSeconds = 60.0

  let settings: PostgreSQLSettings
  private let pool: PostgreSQLPool

  init(url: String, timeoutSeconds: Double) throws(LedgerError) {
    do throws(PostgreSQLError) {
      var settings = try PostgreSQLSettings(parsing: url)
      settings.timeoutSeconds = timeoutSeconds
      // A client that is gone must neither keep its locks nor work that nobody waits for.
      settings.session = PostgreSQLSettings.vanishedClientDetection
      settings.session["statement_timeout"] = "\(Int(settings.timeoutSeconds * 1_000))"
      settings.session["idle_in_transaction_session_timeout"] = "10000"
      self.settings = settings
      pool = PostgreSQLPool(settings, maximum: Self.maximumConnections)
    } catch { throw LedgerError(.unusable, error.message) }
  }

  /// Makes the tables where they are missing, and brings them up to date; gives what tells this ledger from others on the
  /// same server, and the older format that was found.
  func prepare(createIfMissing: Bool) async throws(LedgerError) -> (namespace: String, older: Int64?) {
    let lock = AdvisoryLockPresence.key(Self.schemaLock)
    // A server that does not answer is told of in the usual time.
    _ = try await read { session throws(LedgerError) in try session.run("SELECT 1") }
    let patience = max(settings.timeoutSeconds, Self.openingSeconds)
    return try await withTransaction(timeoutSeconds: patience) { session throws(LedgerError) in
      try session.run("SET LOCAL statement_timeout = \(Int(patience * 1_000))")
      try session.run("SELECT pg_advisory_xact_lock($1)", .integer(lock))
      var rows = try session.run("SELECT current_setting('server_encoding'), current_schema()").rows
      guard !rows.isEmpty, try rows[0].text() == "UTF8" else {
        throw LedgerError(.unusable, "the ledger's database is not in UTF8: make one with ENCODING UTF8")
      }
      guard let schema = try rows[0].optionalText() else {
        throw LedgerError(.unusable, "the ledger's login has no schema to make tables in: set its search_path")
      }
      return (schema, try LedgerSchema.postgreSQL.open(session, createIfMissing: createIfMissing))
    }
  }

  func transaction<Result: Sendable>(
    _ body: @escaping @Sendable (any LedgerSession) throws(LedgerError) -> Result
  ) async throws(LedgerError) -> Result {
    try await withTransaction(timeoutSeconds: settings.timeoutSeconds, body)
  }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any LedgerSession) throws(LedgerError) -> Result
  ) async throws(LedgerError) -> Result {
    try await withSession(timeoutSeconds: settings.timeoutSeconds) { session throws(LedgerError) in try body(session) }
  }

  func close() async { pool.close() }

  private func withTransaction<Result: Sendable>(
    timeoutSeconds: Double, _ body: @escaping @Sendable (any LedgerSession) throws(LedgerError) -> Result
  ) async throws(LedgerError) -> Result {
    try await withSession(timeoutSeconds: timeoutSeconds) { session throws(LedgerError) in
      try session.connection.transaction(mappingErrors: session.noting) { () throws(LedgerError) in try body(session) }
    }
  }

  private func withSession<Value: Sendable>(
    timeoutSeconds: Double, _ body: @escaping @Sendable (PostgreSQLLedgerSession) throws(LedgerError) -> Value
  ) async throws(LedgerError) -> Value {
    let deadline = MonotonicTime.now.advanced(bySeconds: timeoutSeconds)
    var runs = 0
    while true {
      runs += 1
      let outcome: Result<Value, LedgerError>
      do throws(PostgreSQLError) {
        let rest = Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
        outcome = try await pool.withConnection(timeoutSeconds: rest) { connection throws(PostgreSQLError) in
          let session = PostgreSQLLedgerSession(connection)
          do throws(LedgerError) {
            return Result<Value, LedgerError>.success(try body(session))
          } catch {
            // The pool has to see what the connection failed with, or what may be run again.
            if let failure = session.failure, failure.isTransient { throw failure }
            return .failure(error)
          }
        }
      } catch {
        guard error.mayRunAgain, runs < Self.maximumRuns else { throw LedgerError(error) }
        continue
      }
      return try outcome.get()
    }
  }
}

/// A connection that is lent to one call of the ledger.
private final class PostgreSQLLedgerSession: LedgerSession {
  let connection: PostgreSQLConnection
  /// What the connection failed with last.
  private(set) var failure: PostgreSQLError?

  init(_ connection: PostgreSQLConnection) { self.connection = connection }

  func run(_ sql: String, _ values: [LedgerValue]) throws(LedgerError) -> LedgerRows {
    let texts = values.map { value -> String? in
      switch value {
      case .null: nil
      case .integer(let number): String(number)
      case .text(let text): StoredText.encoded(text)
      }
    }
    do throws(PostgreSQLError) {
      let result = try connection.query(sql, texts)
      return LedgerRows(rows: result.rows.map(LedgerRow.init), changed: result.changed)
    } catch { throw noting(error) }
  }

  func noting(_ error: PostgreSQLError) -> LedgerError {
    failure = error
    return LedgerError(error)
  }
}

extension LedgerError {
  init(_ error: PostgreSQLError) {
    self =
      switch true {
      case error.isUniqueViolation: LedgerError(.conflict, "the ledger has this name already")
      case error.sqlState == "25006":
        LedgerError(
          .unusable, "the ledger's database is read-only (25006): name one that takes writes, not its standby")
      case error.isTransient: LedgerError(.unavailable, "the ledger's database: \(error)")
      default: LedgerError(.unusable, "the ledger's database refuses (\(error.sqlState ?? "")): \(error)")
      }
  }
}
