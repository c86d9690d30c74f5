/// A table's columns in the order in which rows are written and read.
struct ColumnList {
  let table: String
  let names: [String]
  /// SQLite takes 32,766 parameters in one statement and PostgreSQL 65,535; statements stay well below.
  private static let maximumParameters = 2_000

  init(_ table: String, _ names: String) {
    self.table = table
    self.names = names.split(separator: " ").map(String.init)
  }

  var selection: String { names.joined(separator: ", ") }

  /// Writes all of `rows` with as few statements as may be; `conflict` is the statement's end.
  func insert(
    _ rows: [[LedgerValue]], _ conflict: String = "", into session: any LedgerSession
  ) throws(LedgerError) {
    let step = max(1, Self.maximumParameters / names.count)
    for start in stride(from: 0, to: rows.count, by: step) {
      let part = rows[start..<min(start + step, rows.count)]
      let places = part.indices.map { row in
        let first = (row - start) * names.count
        return "(" + (1...names.count).map { "$\(first + $0)" }.joined(separator: ", ") + ")"
      }
      let sql = "INSERT INTO \(table) (\(selection)) VALUES \(places.joined(separator: ", ")) \(conflict)"
      _ = try session.run(sql, part.flatMap { $0 })
    }
  }
}

/// Conditions of a WHERE clause, with their values in order.
struct Conditions {
  private var terms: [String] = []
  private(set) var values: [LedgerValue]

  /// Starts after `values`, which stand earlier in the statement.
  init(after values: [LedgerValue] = []) { self.values = values }

  mutating func add(_ column: String, _ comparison: String, _ value: LedgerValue) {
    values.append(value)
    terms.append("\(column) \(comparison) $\(values.count)")
  }

  mutating func add(_ column: String, in members: [LedgerValue]) {
    let places = members.map { member in
      values.append(member)
      return "$\(values.count)"
    }
    // `IN ()` is not SQL.
    terms.append(places.isEmpty ? "1 = 0" : "\(column) IN (\(places.joined(separator: ", ")))")
  }

  /// Rows that come after those `values` in the order of `columns`.
  mutating func add(_ columns: [String], after others: [LedgerValue]) {
    let places = others.map { value in
      values.append(value)
      return "$\(values.count)"
    }
    terms.append("(\(columns.joined(separator: ", "))) > (\(places.joined(separator: ", ")))")
  }

  var clause: String { terms.isEmpty ? "" : " WHERE " + terms.joined(separator: " AND ") }

  /// The clause, with the most rows that it gives.
  mutating func limited(_ order: String, to limit: Int) -> String {
    values.append(.integer(Int64(max(0, limit))))
    return "\(clause) ORDER BY \(order) LIMIT $\(values.count)"
  }
}
