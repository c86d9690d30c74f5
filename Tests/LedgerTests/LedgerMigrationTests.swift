import FederationAPI
import Foundation
import Ledger
import TestSupport
import Testing

/// Ledgers of format 1, which know one federation of each credential and have no index of manifests.
@Suite(.timeLimit(.minutes(2))) struct LedgerMigrationTests {
  @Test(
    "format 1 becomes format 2 with all that it held, as a new ledger has it", arguments: LedgerBackend.allCases,
    [true, false])
  func migration(backend: LedgerBackend, auditsFederations: Bool) async throws {
    let old = try await FormatOneLedger(backend, auditsFederations: auditsFederations)
    for statement in [FormatOneLedger.insertState("one", resource: "r")] + FormatOneLedger.insertRecord {
      try await old.place.run(statement)
    }
    if auditsFederations {
      try await old.place.run("UPDATE ledger_audit SET federation_kind = 'KubernetesFederation', federation_name = 'a'")
    }
    let ledger = try await old.place.openMigrating(from: 1)
    #expect(try await old.place.format() == "2")
    let state = try #require(try await ledger.states(StateFilter(), limit: 9).first)
    #expect(state.identity == .workload("s") && state.resource == "r" && state.phase == .live)
    #expect(try await ledger.resources(ofKinds: ["PostgreSql"]) == ["r"])
    let record = try #require(try await ledger.identities(name: nil).first)
    #expect(record.identity == .workload("s") && record.issuedCredentials.count == 1)
    let entry = try #require(try await ledger.audit(AuditFilter(), limit: 9).first)
    #expect(entry.target == "old" && entry.identity?.federations == (auditsFederations ? [.cluster("a")] : []))

    let fresh = try await backend.place()
    await (try await fresh.open()).close()
    #expect(try await old.place.schema() == fresh.schema())
    try await ledger.announce(.made("two", by: ledger, identity: .workload("s", federations: ["a", "b"])))
    await ledger.close()
    let again = try await old.place.openMigrating(from: nil)
    #expect(try await again.names() == ["one", "two"])
    await again.close()
  }

  @Test("of several servers that start at once one migrates, and all get the ledger", arguments: LedgerBackend.allCases)
  func atOnce(backend: LedgerBackend) async throws {
    let old = try await FormatOneLedger(backend)
    let rows = (0..<1_200).map { FormatOneLedger.insertState("s\($0)", resource: "r\($0 % 3)") }
    let start = rows[0].components(separatedBy: " VALUES ")[0]
    try await old.place.run(
      start + " VALUES " + rows.map { $0.components(separatedBy: " VALUES ")[1] }.joined(separator: ", "))
    let opened = try await withThrowingTaskGroup(of: (ledger: any Ledger, told: [Int64]).self) { group in
      for _ in 0..<6 { group.addTask { try await old.place.openTelling() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(opened.flatMap(\.told) == [1, 2])
    for ledger in opened.map(\.ledger) {
      #expect(try await ledger.countStates()[.live] == 1_200)
      #expect(try await ledger.resources(ofKinds: ["PostgreSql"]).sorted() == ["r0", "r1", "r2"])
      await ledger.close()
    }
    #expect(try await old.place.run("SELECT COUNT(*) FROM ledger_state WHERE resource_digest IS NULL") == [["0"]])
  }

  @Test(
    "a program of format 1 that still runs reads and writes on, and one that an operator went back to loses nothing",
    arguments: LedgerBackend.allCases)
  func olderProgram(backend: LedgerBackend) async throws {
    let old = try await FormatOneLedger(backend)
    let program = try RawDatabase(old.place)
    try await program.run(FormatOneLedger.insertState("before", resource: "x"))
    #expect(try await program.run(FormatOneLedger.selectStates).count == 1)
    let ledger = try await old.place.openMigrating(from: 1)
    try await ledger.announce(.made("new", by: ledger, identity: .workload("s", federations: ["c", "b"])))
    try await program.run(FormatOneLedger.insertState("during", federation: "b", resource: "y"))
    #expect(
      try await program.run(FormatOneLedger.selectStates) == [
        ["before", "KubernetesFederation", "a", "x", "live"], ["during", "KubernetesFederation", "b", "y", "live"],
        ["new", "KubernetesFederation", "b", "{\"a\":1}", "pending"],
      ])
    let during = try await ledger.states(.matching { $0.name = "during" }, limit: 1)
    #expect(during.map(\.identity) == [.workload("s", federations: ["b"])])
    #expect(try await ledger.resources(ofKinds: ["PostgreSql"]).sorted() == ["x", "y", "{\"a\":1}"])
    try await program.run("DELETE FROM ledger_state WHERE name = 'during'")
    #expect(try await ledger.resources(ofKinds: ["PostgreSql"]).sorted() == ["x", "{\"a\":1}"])
    await ledger.close()

    try await program.run("UPDATE ledger_schema SET version = 1")
    try await program.run(FormatOneLedger.insertState("back", federation: "b", resource: "z"))
    let again = try await old.place.openMigrating(from: 1)
    #expect(try await again.names() == ["back", "before", "new"])
    let kept = try await again.states(.matching { $0.name = "new" }, limit: 1)
    #expect(kept.map(\.identity) == [.workload("s", federations: ["b", "c"])])
    #expect(try await old.place.run("SELECT COUNT(*) FROM ledger_state WHERE resource_digest IS NULL") == [["0"]])
    await again.close()
  }

  @Test("who only looks is told that it is too old, and changes nothing", arguments: LedgerBackend.allCases)
  func onlyLooking(backend: LedgerBackend) async throws {
    let old = try await FormatOneLedger(backend)
    let before = try await old.place.schema()
    let refusal = await #expect(throws: LedgerError.self) { try await old.place.location.open(createIfMissing: false) }
    #expect(
      refusal
        == LedgerError(
          .unusable,
          "the ledger has format 1, and this program knows 2: the first server of this version that starts brings it up to "
            + "date"))
    #expect(try await old.place.schema() == before)
    #expect(try await old.place.format() == "1")
  }

  @Test("a migration that fails at its end leaves nothing of itself", arguments: LedgerBackend.allCases)
  func failure(backend: LedgerBackend) async throws {
    let old = try await FormatOneLedger(
      backend, auditsFederations: false, version: "version BIGINT NOT NULL CHECK (version < 2)")
    try await old.place.run(FormatOneLedger.insertState("one"))
    let before = try await old.place.schema()
    await #expect(throws: LedgerError.self) { try await old.place.open() }
    #expect(try await old.place.schema() == before)
    #expect(try await old.place.format() == "1")
  }

  @Test("a file that can only be read is refused in so many words")
  func readOnlyFile() async throws {
    let place = try await FormatOneLedger(.sqlite).place
    let path = try #require(place.directory).path + "/ledger.db"
    // A file of a later kind, by byte 18, SQLite takes for one that it may only read (Database File Format, section 1.3).
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: 18)
    try file.write(contentsOf: [3])
    try file.close()
    let error = await #expect(throws: LedgerError.self) { try await place.open() }
    let prefix = "the ledger cannot be brought from format 1 to 2: the ledger is read-only ("
    #expect(error?.kind == .unusable)
    #expect(error?.message.hasPrefix(prefix) == true)
    #expect(error?.message.hasSuffix("let this program's user write ledger.db and its directory") == true)
    #expect(try await place.format() == "1")
  }

  @Test("a database that takes no writes, and a login that may not change the tables, are refused in so many words")
  func readOnlyDatabase() async throws {
    let old = try await FormatOneLedger(.postgreSQL)
    guard case .postgreSQL(let url) = old.place.location else { return }
    let (role, database) = (
      "reader_\(UUID().uuidString.prefix(8).lowercased())", try #require(URL(string: url.text ?? "")).lastPathComponent
    )
    for statement in [
      "CREATE ROLE \(role) LOGIN PASSWORD 'reader'",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \(role)",
      "GRANT CREATE ON SCHEMA public TO \(role)",
    ] { try await old.place.run(statement) }
    let server = try await PostgreSQLServer.shared()
    let guest = "postgres://\(role):reader@127.0.0.1:\(server.port)/\(database)"
    let stranger = await #expect(throws: LedgerError.self) {
      try await LedgerLocation.postgreSQL(SecretBytes(guest)).open()
    }
    #expect(stranger?.kind == .unusable)
    #expect(stranger?.message.hasPrefix("the ledger cannot be brought from format 1 to 2: ") == true)
    #expect(stranger?.message.hasSuffix("must be owner of table ledger_state") == true)

    try await old.place.run("ALTER DATABASE \(database) SET default_transaction_read_only = on")
    for _ in 0..<2 {
      let error = await #expect(throws: LedgerError.self) { try await old.place.open() }
      #expect(error?.kind == .unusable)
      #expect(error?.message.hasPrefix("the ledger's database is read-only (25006)") == true)
    }
    #expect(try await old.place.format() == "1")
  }

  @Test("a server that starts while another one migrates waits for it, longer than any call does")
  func waits() async throws {
    let old = try await FormatOneLedger(.postgreSQL)
    guard case .postgreSQL(let url) = old.place.location else { return }
    // Another's transaction, which has the tables to itself.
    let blocker = try RawDatabase(old.place)
    try await blocker.run("BEGIN")
    try await blocker.run("LOCK TABLE ledger_state IN ACCESS EXCLUSIVE MODE")
    async let opening = LedgerLocation.postgreSQL(url).open(timeoutSeconds: 0.2)
    // Longer than a call's time: how long somebody has waited is what tells.
    while try await old.place.run(
      """
      SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
        AND clock_timestamp() - query_start > interval '500 milliseconds'
      """
    ).isEmpty {
      try Task.checkCancellation()
      await Task.yield()
    }
    try await blocker.run("COMMIT")
    await (try await opening).close()
    #expect(try await old.place.format() == "2")
  }
}

extension LedgerPlace {
  /// Opens the ledger, which has to be told of as migrated from `format`, or not at all.
  fileprivate func openMigrating(from format: Int64?) async throws -> any Ledger {
    let (ledger, told) = try await openTelling()
    #expect(told == (format.map { [$0, 2] } ?? []))
    return ledger
  }

  /// Opens the ledger, with what it was told of as migrated.
  fileprivate func openTelling() async throws -> (ledger: any Ledger, told: [Int64]) {
    var told: [Int64] = []
    let ledger = try await location.open { from, to in told += [from, to] }
    return (ledger, told)
  }
}
