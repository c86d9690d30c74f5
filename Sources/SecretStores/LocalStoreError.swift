import SQLite

/// Why the local database refused. The message says what to do and never holds a value.
public struct LocalStoreError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a program can act on.
  public enum Kind: String, Sendable {
    /// The store's or key's name, or the version, is not a valid one.
    case invalidName
    /// The value is over ``LocalDatabase/maximumValueBytes``.
    case valueTooLarge
    /// No such key or version.
    case notFound
    /// The data directory cannot be used.
    case directory
    /// The key file is missing, readable by others, of the wrong size or cannot be read.
    case keyFile
    /// The key file is not the one that the database was made with.
    case wrongKey
    /// Stored bytes are not what was written.
    case damaged
    /// The database was made by a newer version of this program.
    case newerSchema
    /// SQLite failed: the disk is full, the file is locked for too long, and the like.
    case database
  }

  /// What went wrong.
  public var kind: Kind
  /// One sentence without a full stop.
  public var message: String

  /// Makes an error.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message.
  public var description: String { message }

  init(_ error: SQLiteError) {
    self =
      error.isCorrupt
      ? LocalStoreError(.damaged, "the database is damaged (\(error)): restore secrets.db from a backup")
      : LocalStoreError(.database, "the database failed: \(error)")
  }
}

/// Runs `body` and tells its SQLite errors in the store's words.
func mappingSQLiteErrors<Result>(_ body: () throws(SQLiteError) -> Result) throws(LocalStoreError) -> Result {
  do throws(SQLiteError) { return try body() } catch { throw LocalStoreError(error) }
}
