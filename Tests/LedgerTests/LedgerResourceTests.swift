import CSQLite
import JSON
import TestSupport
import Testing

@testable import Ledger
@testable import SQLite

/// What it takes to find the few manifests of many credentials, in rows that the database looks at.
@Suite(.timeLimit(.minutes(2))) struct LedgerResourceTests {
  private static let states = 3_000
  private static let resources = ["r0", "r1", "r2"]
  private static let kinds = ["'PostgreSql'", "'VaultDynamicSecret'"]
  /// As it was in format 1.
  private static let scan = "SELECT DISTINCT resource FROM ledger_state WHERE kind IN ($1, $2)"

  private func filled(_ backend: LedgerBackend) async throws -> KeptLedger {
    let kept = try await backend.place().openKept()
    for (number, resource) in Self.resources.enumerated() {
      var state = GeneratorState.made("first-\(number)", by: kept.ledger)
      state.resource = resource
      try await kept.ledger.announce(state)
      let columns = StateTable.columns.names.dropFirst().joined(separator: ", ")
      try await kept.place.run(
        """
        INSERT INTO ledger_state (name, \(columns))
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.states / Self.resources.count))
        SELECT 's\(number)-' || CAST(i AS TEXT), \(columns) FROM n, ledger_state WHERE name = 'first-\(number)'
        """)
    }
    return kept
  }

  private func withKinds(_ sql: String) -> String {
    Self.kinds.enumerated().reduce(sql) { $0.replacing("$\($1.offset + 1)", with: $1.element) }
  }

  @Test("SQLite takes steps for each manifest, not for each credential")
  func sqlite() async throws {
    let kept = try await filled(.sqlite)
    let path = try #require(kept.place.directory).path + "/ledger.db"
    #expect(try await kept.ledger.resources(ofKinds: ["PostgreSql", "VaultDynamicSecret"]) == Self.resources)
    let before = try steps(withKinds(Self.scan), path)
    let after = try steps(withKinds(StateTable.selectResources(kinds: 2)), path)
    #expect(before.rows == Self.resources && after.rows == Self.resources)
    #expect(before.steps > Self.states * 3)
    #expect(after.steps < Self.states / 3)
    let plan = try await kept.place.run("EXPLAIN QUERY PLAN " + withKinds(StateTable.selectResources(kinds: 2)))
    #expect(!plan.contains { $0.last??.hasPrefix("SCAN s") == true || $0.last??.contains("SCAN ledger_state") == true })
  }

  /// Runs a statement and counts the instructions of SQLite's machine: each row that is looked at takes several.
  private func steps(_ sql: String, _ path: String) throws -> (rows: [String], steps: Int) {
    let connection = try DatabaseConnection(path: path)
    let statement = try connection.prepare(sql)
    let count = Count()
    sqlite3_progress_handler(
      connection.handle.pointer, 1,
      { context in
        guard let context else { return 0 }
        Unmanaged<Count>.fromOpaque(context).takeUnretainedValue().steps += 1
        return 0
      }, Unmanaged.passUnretained(count).toOpaque())
    let rows = try statement.all([]) { $0.text(0) }
    sqlite3_progress_handler(connection.handle.pointer, 0, nil, nil)
    return (rows.sorted(), count.steps)
  }

  private final class Count { var steps = 0 }

  @Test("PostgreSQL looks at some rows for each manifest, not at all credentials")
  func postgreSQL() async throws {
    let kept = try await filled(.postgreSQL)
    try await kept.place.run("ANALYZE ledger_state")
    #expect(
      try await kept.ledger.resources(ofKinds: ["PostgreSql", "VaultDynamicSecret"]).sorted() == Self.resources)
    #expect(try await visited(withKinds(Self.scan), kept.place) >= Double(Self.states))
    #expect(try await visited(withKinds(StateTable.selectResources(kinds: 2)), kept.place) < 50)
  }

  /// How many rows of tables and indexes the plan's scans came by.
  private func visited(_ sql: String, _ place: LedgerPlace) async throws -> Double {
    let rows = try await place.run("EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, FORMAT JSON) \(sql)")
    let text = rows.compactMap { $0.first ?? nil }.joined(separator: "\n")
    let plan = try #require(try JSONValue.parse(Array(text.utf8)).array?.first?["Plan"])
    return count(plan)
  }

  private func count(_ node: JSONValue) -> Double {
    var total = (node["Plans"]?.array ?? []).map(count).reduce(0, +)
    if node["Relation Name"]?.string == "ledger_state" {
      let each = ["Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"].map {
        node[$0]?.number ?? 0
      }
      total += each.reduce(0, +) * (node["Actual Loops"]?.number ?? 1)
    }
    return total
  }
}
