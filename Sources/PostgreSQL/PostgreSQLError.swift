/// A failure that PostgreSQL or libpq reported. The message is for operators; it never holds a password.
public struct PostgreSQLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The five characters of the SQLSTATE, for example `23505`; nil when no server answered.
  /// Source: https://www.postgresql.org/docs/15/errcodes-appendix.html
  public var sqlState: String?
  /// One sentence without a full stop.
  public var message: String

  /// Makes an error.
  public init(sqlState: String?, message: String) {
    self.sqlState = sqlState
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
