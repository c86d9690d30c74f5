import SQLite
import Threads

/// The ledger's tables in a SQLite file. Its blocking calls run on a thread that belongs to this actor.
actor SQLiteLedgerDatabase: LedgerDatabase {
  /// How long a call waits while another process writes: less than callers wait for an answer.
  private static let busyTimeoutMilliseconds: Int32 = 1_500
  /// How long opening waits: another process may bring a large ledger up to date.
  private static let openingMilliseconds: Int32 = 60_000

  private let executor: BlockingExecutor
  private var session: SQLiteLedgerSession?

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(path: String) async throws(LedgerError) {
    do {
      executor = try BlockingExecutor(name: "ledger")
    } catch {
      throw LedgerError(.unavailable, "\(error)")
    }
    session = nil
    // From here on, all properties being set, this runs on the executor's thread.
    do throws(SQLiteError) {
      session = SQLiteLedgerSession(
        try DatabaseConnection(path: path, busyTimeoutMilliseconds: Self.openingMilliseconds))
    } catch { throw LedgerError(error) }
  }

  /// As ``LedgerSchema/open(_:createIfMissing:)``; to be the first that is done.
  func prepare(createIfMissing: Bool) throws(LedgerError) -> Int64? {
    let older = try transaction { session throws(LedgerError) in
      try LedgerSchema.sqlite.open(session, createIfMissing: createIfMissing)
    }
    let connection = try opened().connection
    do throws(SQLiteError) {
      try connection.execute("PRAGMA busy_timeout = \(Self.busyTimeoutMilliseconds)")
    } catch { throw LedgerError(error) }
    return older
  }

  func transaction<Result: Sendable>(
    _ body: @escaping @Sendable (any LedgerSession) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    let session = try opened()
    return try session.connection.transaction(mappingErrors: LedgerError.init) { () throws(LedgerError) in
      try body(session)
    }
  }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any LedgerSession) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result { try body(opened()) }

  func close() { session = nil }

  private func opened() throws(LedgerError) -> SQLiteLedgerSession {
    guard let session else { throw LedgerError(.unavailable, "the ledger is closed") }
    return session
  }
}

/// The connection, with the statements that it compiled.
private final class SQLiteLedgerSession: LedgerSession {
  /// Filters and batches make statements of many lengths; the common ones are few.
  private static let maximumStatements = 100

  let connection: DatabaseConnection
  private var statements: [String: Statement] = [:]

  init(_ connection: DatabaseConnection) { self.connection = connection }

  func run(_ sql: String, _ values: [LedgerValue]) throws(LedgerError) -> LedgerRows {
    do throws(SQLiteError) {
      let bound = values.map { value -> SQLiteValue in
        switch value {
        case .null: .null
        case .integer(let number): .integer(number)
        case .text(let text): .text(StoredText.encoded(text))
        }
      }
      let before = connection.totalChangedRows
      let rows = try statement(sql).all(bound) { row in
        LedgerRow((0..<row.count).map { row.isNull($0) ? nil : row.text($0) })
      }
      return LedgerRows(rows: rows, changed: connection.totalChangedRows - before)
    } catch { throw LedgerError(error) }
  }

  private func statement(_ sql: String) throws(SQLiteError) -> Statement {
    if let statement = statements[sql] { return statement }
    if statements.count >= Self.maximumStatements { statements = [:] }
    let statement = try connection.prepare(sql)
    statements[sql] = statement
    return statement
  }
}

extension LedgerError {
  init(_ error: SQLiteError) {
    self =
      switch true {
      case error.isUniqueViolation: LedgerError(.conflict, "the ledger has this name already")
      case error.isCorrupt:
        LedgerError(.unusable, "the ledger is damaged (\(error)): restore ledger.db from a backup")
      case error.isSchemaError:
        LedgerError(.unusable, "the ledger's tables are not this program's (\(error)): restore ledger.db from a backup")
      case error.isReadOnly:
        LedgerError(
          .unusable, "the ledger is read-only (\(error)): let this program's user write ledger.db and its directory")
      case error.isBusy: LedgerError(.unavailable, "another process has kept the ledger locked")
      default: LedgerError(.unavailable, "the ledger failed: \(error)")
      }
  }
}
