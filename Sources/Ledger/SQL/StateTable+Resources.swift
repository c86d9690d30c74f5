/// The manifests that credentials were made under: few, however many credentials there are.
extension StateTable {
  /// What an index tells manifests apart by, which may be longer than an index takes.
  static func digest(ofResource resource: String) -> String { Digest.of([resource]) }

  func resources(ofKinds kinds: Set<String>) throws(LedgerError) -> [String] {
    // `VALUES ()` is not SQL.
    guard !kinds.isEmpty else { return [] }
    var resources: [String] = []
    let sql = Self.selectResources(kinds: kinds.count)
    for stored in try session.run(sql, kinds.sorted().map { .text($0) }).rows {
      var row = stored
      resources.append(try row.text())
    }
    return resources
  }

  /// Goes from each digest in the index to the next greater one, and reads one row of each: the first that is not less, since
  /// for one that is equal PostgreSQL may look through the table. Rows of programs of format 1 have no digest, and are read
  /// one by one.
  static func selectResources(kinds: Int) -> String {
    let places = (1...max(1, kinds)).map { "$\($0)" }
    return """
      WITH RECURSIVE wanted (kind) AS (VALUES \(places.map { "(\($0))" }.joined(separator: ", "))),
      found (kind, digest) AS (
        SELECT w.kind, (SELECT MIN(s.resource_digest) FROM ledger_state s WHERE s.kind = w.kind) FROM wanted w
        UNION ALL
        SELECT f.kind, (
          SELECT MIN(s.resource_digest) FROM ledger_state s WHERE s.kind = f.kind AND s.resource_digest > f.digest)
        FROM found f WHERE f.digest IS NOT NULL)
      SELECT (
        SELECT s.resource FROM ledger_state s WHERE s.kind = f.kind AND s.resource_digest >= f.digest
        ORDER BY s.resource_digest LIMIT 1)
      FROM found f WHERE f.digest IS NOT NULL
      UNION
      SELECT s.resource FROM ledger_state s
      WHERE s.kind IN (\(places.joined(separator: ", "))) AND s.resource_digest IS NULL
      """
  }

  /// Gives the rows that have none their digests.
  func addResourceDigests() throws(LedgerError) {
    var last = ""
    while true {
      let page = try session.run(
        """
        SELECT name, resource FROM ledger_state WHERE name > $1 AND resource_digest IS NULL
        ORDER BY name LIMIT \(Self.digestedAtOnce)
        """, .text(last)
      ).rows
      var names: [String: [LedgerValue]] = [:]
      for stored in page {
        var row = stored
        last = try row.text()
        names[Self.digest(ofResource: try row.text()), default: []].append(.text(last))
      }
      for (digest, names) in names {
        var conditions = Conditions(after: [.text(digest)])
        conditions.add("name", in: names)
        _ = try session.run("UPDATE ledger_state SET resource_digest = $1\(conditions.clause)", conditions.values)
      }
      guard page.count == Self.digestedAtOnce else { return }
    }
  }

  private static let digestedAtOnce = 500
}
