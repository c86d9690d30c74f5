import CSQLite

/// A failure that SQLite reported. The message is SQLite's own and never holds a bound value.
public struct SQLiteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The extended result code. Source: https://www.sqlite.org/rescode.html
  public var extendedCode: Int32
  /// For example `UNIQUE constraint failed: t.name`.
  public var message: String

  /// Makes an error.
  public init(extendedCode: Int32, message: String) {
    self.extendedCode = extendedCode
    self.message = message
  }

  /// The result code without its detail.
  public var code: Int32 { extendedCode & 0xFF }
  /// Another connection held the lock for longer than the busy timeout.
  public var isBusy: Bool { code == SQLITE_BUSY }
  /// The file is damaged or is no database.
  public var isCorrupt: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }
  /// A constraint of the schema refused the change.
  public var isConstraint: Bool { code == SQLITE_CONSTRAINT }

  /// For example `SQLite error 2067: UNIQUE constraint failed: t.name`.
  public var description: String { "SQLite error \(extendedCode): \(message)" }
}
