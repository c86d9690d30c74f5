import CLinux
import CSQLite

/// A connection to one SQLite database file: WAL, synchronous=FULL, foreign keys on.
///
/// What a committed transaction wrote is durable when the commit returns. Other processes may use the same file.
/// Not Sendable: it belongs to one actor, best on a `BlockingExecutor`, since every call may block.
public final class DatabaseConnection {
  /// How long a call waits for another connection's lock unless it is told otherwise, in milliseconds.
  public static let busyTimeoutMilliseconds: Int32 = 5_000

  let handle: DatabaseHandle

  /// Opens the database at `path`; a new file is created with mode 0600, an existing one is set to it.
  public init(
    path: String, busyTimeoutMilliseconds: Int32 = DatabaseConnection.busyTimeoutMilliseconds
  ) throws(SQLiteError) {
    // SQLite gives -wal and -shm the mode of the database. The file is made without opening it here: closing a
    // descriptor drops the locks that every other connection of this process has on the file (fcntl(2)).
    if mknod(path, UInt32(S_IFREG) | 0o600, 0) != 0 {
      guard clinux_errno() == EEXIST else {
        throw SQLiteError(
          extendedCode: SQLITE_CANTOPEN, message: "cannot create \(path): \(String(cString: strerror(clinux_errno())))")
      }
      guard chmod(path, 0o600) == 0 else {
        throw SQLiteError(
          extendedCode: SQLITE_READONLY,
          message: "cannot change the mode of \(path): \(String(cString: strerror(clinux_errno())))")
      }
    }
    handle = try DatabaseHandle(path: path)
    sqlite3_busy_timeout(handle.pointer, busyTimeoutMilliseconds)
    guard try switchToWAL() == "wal" else {
      throw SQLiteError(extendedCode: SQLITE_CANTOPEN, message: "\(path) is on a file system without shared memory")
    }
    try execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF")
  }

  /// Returns the mode that the database is in then.
  private func switchToWAL() throws(SQLiteError) -> String? {
    var attempts = 0
    while true {
      attempts += 1
      do throws(SQLiteError) {
        return try prepare("PRAGMA journal_mode = WAL").first { row in row.text(0) }
      } catch {
        // Of two connections that switch at once one fails at once, without the busy timeout, since each waits for the
        // other. A transaction does wait until the other is done.
        guard error.isBusy, attempts < 5 else { throw error }
        try execute("BEGIN IMMEDIATE; COMMIT")
      }
    }
  }

  /// Runs statements that take no parameters and whose rows do not matter.
  public func execute(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(handle.pointer, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw handle.error(code) }
  }

  /// Compiles one statement; keep it to run it again.
  public func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    try Statement(sql, on: handle)
  }

  /// How many rows the last INSERT, UPDATE or DELETE changed.
  public var changedRows: Int { Int(sqlite3_changes64(handle.pointer)) }

  /// How many rows all statements of this connection changed. A statement that changes none leaves it as it was, unlike
  /// ``changedRows``.
  public var totalChangedRows: Int { Int(sqlite3_total_changes64(handle.pointer)) }

  /// Runs `body` in a transaction that holds the write lock from its start, so that what it reads stays true until
  /// it commits. An error rolls everything back. `Failure` needs a case for SQLite's own errors: `convert` makes it.
  public func transaction<Result, Failure: Error>(
    mappingErrors convert: (SQLiteError) -> Failure, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    do throws(SQLiteError) { try execute("BEGIN IMMEDIATE") } catch { throw convert(error) }
    do throws(Failure) {
      let result = try body()
      do throws(SQLiteError) { try execute("COMMIT") } catch { throw convert(error) }
      return result
    } catch {
      // Some errors have rolled back already; then this one fails and there is nothing left to undo.
      if sqlite3_get_autocommit(handle.pointer) == 0 { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// As the other form, for a body that throws nothing but SQLite's errors.
  public func transaction<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
    try transaction(mappingErrors: { $0 }, body)
  }
}

/// Owns the `sqlite3` object; statements keep it, so that it outlives them.
final class DatabaseHandle {
  let pointer: OpaquePointer

  init(path: String) throws(SQLiteError) {
    var opened: OpaquePointer?
    // NOMUTEX: a connection is used by one thread at a time.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard let opened, code == SQLITE_OK else {
      defer { sqlite3_close_v2(opened) }
      let reason = String(cString: sqlite3_errstr(code))
      throw SQLiteError(extendedCode: code, message: "cannot open \(path): \(reason)")
    }
    pointer = opened
  }

  deinit { sqlite3_close_v2(pointer) }

  func error(_ code: Int32) -> SQLiteError {
    SQLiteError(extendedCode: code, message: String(cString: sqlite3_errmsg(pointer)))
  }
}
