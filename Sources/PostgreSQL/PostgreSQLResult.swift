import CPostgreSQL

/// What a statement gave.
public struct PostgreSQLResult: Sendable, Equatable {
  /// The rows' columns as text; nil is NULL.
  public let rows: [[String?]]
  /// How many rows the statement changed, or gave.
  public let changed: Int
  /// What was done, for example `COMMIT` or `INSERT`.
  public let command: String

  init(_ pointer: OpaquePointer) {
    let columns = PQnfields(pointer)
    rows = (0..<PQntuples(pointer)).map { row in
      (0..<columns).map { column in
        guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column) else { return nil }
        return String(cString: start)
      }
    }
    changed = PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0
    let tag = PQcmdStatus(pointer).map { String(cString: $0) } ?? ""
    command = String(tag.prefix { $0 != " " })
  }
}
