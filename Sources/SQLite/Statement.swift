import CSQLite

/// A compiled statement. It is ready to run again after each run, and forgets its bindings.
///
/// Not Sendable, as its connection is not.
public final class Statement {
  private let database: DatabaseHandle
  private let pointer: OpaquePointer

  init(_ sql: String, on database: DatabaseHandle) throws(SQLiteError) {
    var compiled: OpaquePointer?
    let code = sqlite3_prepare_v3(database.pointer, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
    guard code == SQLITE_OK else { throw database.error(code) }
    guard let compiled else { throw SQLiteError(extendedCode: SQLITE_MISUSE, message: "the statement is empty") }
    self.database = database
    pointer = compiled
  }

  deinit { sqlite3_finalize(pointer) }

  /// Runs the statement to its end; rows, if any, are dropped. Values are bound in the order of the parameters.
  public func run(_ values: SQLiteValue...) throws(SQLiteError) {
    try steps(values) { _ in true }
  }

  /// The first row as `read` sees it, or nil when there is none.
  public func first<Result>(_ values: SQLiteValue..., read: (borrowing Row) -> Result) throws(SQLiteError) -> Result? {
    var result: Result?
    try steps(values) { row in
      result = read(row)
      return false
    }
    return result
  }

  /// Every row as `read` sees it.
  public func all<Result>(_ values: SQLiteValue..., read: (borrowing Row) -> Result) throws(SQLiteError) -> [Result] {
    try all(values, read: read)
  }

  /// Every row as `read` sees it.
  public func all<Result>(_ values: [SQLiteValue], read: (borrowing Row) -> Result) throws(SQLiteError) -> [Result] {
    var results: [Result] = []
    try steps(values) { row in
      results.append(read(row))
      return true
    }
    return results
  }

  private func steps(_ values: [SQLiteValue], _ visit: (borrowing Row) -> Bool) throws(SQLiteError) {
    defer {
      sqlite3_reset(pointer)
      sqlite3_clear_bindings(pointer)
    }
    guard values.count == Int(sqlite3_bind_parameter_count(pointer)) else {
      throw SQLiteError(extendedCode: SQLITE_RANGE, message: "the statement takes another number of values")
    }
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
    while true {
      let code = sqlite3_step(pointer)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw database.error(code) }
      guard visit(Row(pointer)) else { return }
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) throws(SQLiteError) {
    let code: Int32 =
      switch value {
      case .null: sqlite3_bind_null(pointer, index)
      case .integer(let number): sqlite3_bind_int64(pointer, index, number)
      case .text(let text): csqlite_bind_text(pointer, index, text, UInt64(text.utf8.count))
      // A nil address would bind NULL.
      case .blob(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(pointer, index, 0)
      case .blob(let bytes): csqlite_bind_blob(pointer, index, bytes, UInt64(bytes.count))
      }
    guard code == SQLITE_OK else { throw database.error(code) }
  }
}

/// One row, valid inside the closure that it is lent to. Columns count from 0; a column past the last is NULL.
public struct Row: ~Copyable {
  private let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  /// How many columns there are.
  public var count: Int32 { sqlite3_column_count(pointer) }

  /// Whether the column is NULL.
  public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

  /// The column as an integer; 0 when it is none.
  public func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

  /// The column as text, invalid UTF-8 replaced; empty when it is NULL.
  public func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(pointer, column) else { return "" }
    let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column)))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A copy of the column's bytes; empty when it is NULL.
  public func blob(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(pointer, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
  }
}
