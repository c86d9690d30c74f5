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
  /// The file, or its directory, can be read only.
  public var isReadOnly: Bool { code == SQLITE_READONLY }
  /// The file is damaged or is no database.
  public var isCorrupt: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }
  /// A constraint of the schema refused the change.
  public var isConstraint: Bool { code == SQLITE_CONSTRAINT }

  /// A row with the same key is there already.
  public var isUniqueViolation: Bool {
    // SQLITE_CONSTRAINT_UNIQUE and SQLITE_CONSTRAINT_PRIMARYKEY are macros over arithmetic, which Swift does not import.
    extendedCode == SQLITE_CONSTRAINT | (8 << 8) || extendedCode == SQLITE_CONSTRAINT | (6 << 8)
  }
  /// The statement does not fit the schema: a table or column is missing. SQLite has no code of its own for that.
  public var isSchemaError: Bool { code == SQLITE_ERROR }

  /// For example `SQLite error 2067: UNIQUE constraint failed: t.name`.
  public var description: String { "SQLite error \(extendedCode): \(message)" }
}
