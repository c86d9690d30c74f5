/// A failure that PostgreSQL or libpq reported. The message is for operators; it never holds a password.
public struct PostgreSQLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The five characters of the SQLSTATE, for example `23505`; nil when no server answered.
  /// Source: https://www.postgresql.org/docs/15/errcodes-appendix.html
  public var sqlState: String?
  /// One sentence without a full stop.
  public var message: String
  /// Whether something of what the server was asked may last. False when the connection was dead before, and when a
  /// transaction was lost whose COMMIT was not sent.
  public var mayHaveTakenEffect: Bool
  /// Whether the time was over before the answer came.
  public var isTimeout: Bool

  /// Makes an error.
  public init(sqlState: String?, message: String, mayHaveTakenEffect: Bool = false, isTimeout: Bool = false) {
    self.sqlState = sqlState
    self.message = message
    self.mayHaveTakenEffect = mayHaveTakenEffect
    self.isTimeout = isTimeout
  }

  /// The message.
  public var description: String { message }

  /// Whether it is about the server's or the network's state, which may be better later, and not about the request.
  public var isTransient: Bool {
    guard let sqlState else { return true }
    // Connection exceptions, insufficient resources, operator intervention (57014: the statement's time was over),
    // failures of the system outside, locks, and transactions that gave way to others.
    return ["08", "53", "57", "58", "55P03", "40"].contains { sqlState.hasPrefix($0) }
  }
  /// A row with the same key is there already.
  public var isUniqueViolation: Bool { sqlState == "23505" }
  /// The transaction gave way to another one and may be run again from its start.
  public var mayRunAgain: Bool { sqlState == "40001" || sqlState == "40P01" }
}
