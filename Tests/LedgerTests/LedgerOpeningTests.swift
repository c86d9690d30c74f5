import FederationAPI
import Foundation
import Ledger
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LedgerOpeningTests {
  @Test(
    "a schema that is newer or damaged is refused, and left as it is", arguments: LedgerBackend.allCases,
    [
      (
        "UPDATE ledger_schema SET version = 3", "the ledger has format 3, and this program knows 2: use a newer program"
      ),
      ("UPDATE ledger_schema SET version = -1", "restore a backup"),
      ("INSERT INTO ledger_schema VALUES (2)", "several versions"),
      ("DROP TABLE ledger_audit", ""), ("ALTER TABLE ledger_state DROP COLUMN resource", ""),
      ("DELETE FROM ledger_audit_counter", "counter"),
    ])
  func schema(backend: LedgerBackend, damage: (sql: String, message: String)) async throws {
    let place = try await backend.place()
    await (try await place.open()).close()
    try await place.run(damage.sql)
    for _ in 0..<2 {
      let error = await #expect(throws: LedgerError.self) { try await place.open() }
      #expect(error?.kind == .unusable)
      #expect(error?.message.contains(damage.message.isEmpty ? "ledger" : damage.message) == true)
    }
  }

  @Test("what a ledger holds is there when it is opened again", arguments: LedgerBackend.allCases)
  func again(backend: LedgerBackend) async throws {
    let place = try await backend.place()
    let first = try await place.open()
    try await first.announce(.made("one", by: first))
    await first.close()
    let error = await #expect(throws: LedgerError.self) { try await first.names() }
    #expect(error?.kind == .unavailable)
    await #expect(throws: LedgerError.self) { try await first.leads() }
    let second = try await place.location.open(createIfMissing: false)
    #expect(try await second.names() == ["one"])
    await second.close()
  }

  @Test("a row that holds what no program wrote is an error, not a guess", arguments: LedgerBackend.allCases)
  func oddRow(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    try await kept.ledger.announce(.made("one", by: kept.ledger))
    try await kept.place.run("UPDATE ledger_state SET phase = 'dreaming'")
    let error = await #expect(throws: LedgerError.self) { try await kept.ledger.names() }
    #expect(error?.kind == .unusable)
  }

  @Test("the directory and its files are their owner's alone; a missing ledger is not made for a reader")
  func files() async throws {
    let temporary = try TemporaryDirectory()
    let path = temporary.path + "/data"
    let missing = await #expect(throws: LedgerError.self) {
      try await LedgerLocation.directory(path).open(createIfMissing: false)
    }
    #expect(missing?.message.contains("no ledger in") == true)
    #expect(!FileManager.default.fileExists(atPath: path))
    let ledger = try await LedgerLocation.directory(path).open()
    try await ledger.announce(.made("one", by: ledger))
    for (file, mode) in [("", 0o700), ("/ledger.db", 0o600), ("/ledger.db-wal", 0o600), ("/ledger.lock", 0o600)] {
      let found = try FileManager.default.attributesOfItem(atPath: path + file)[.posixPermissions] as? Int
      #expect(found == mode)
    }
  }

  @Test("a damaged file is told from one that is away")
  func damagedFile() async throws {
    let directory = try TemporaryDirectory()
    try directory.write(String(repeating: "no database ", count: 1_000), to: "ledger.db")
    let error = await #expect(throws: LedgerError.self) { try await LedgerLocation.directory(directory.path).open() }
    #expect(error?.kind == .unusable)
  }

  @Test("a database that cannot hold every text, a wrong password and a text that is no URL are unusable, not away")
  func unusable() async throws {
    let server = try await PostgreSQLServer.shared()
    let latin = try await server.makeDatabase(options: "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    let wrong = server.url().replacingOccurrences(of: server.password, with: "wrong-password")
    for url in [latin, wrong, "postgres://a:\(server.password)@[::1/x"] {
      let error = await #expect(throws: LedgerError.self) {
        try await LedgerLocation.postgreSQL(SecretBytes(url)).open()
      }
      #expect(error?.kind == .unusable)
      #expect(error?.message.contains("password") == false || url == wrong)
      #expect(error?.message.contains("wrong-password") == false)
      #expect(error?.message.contains(server.password) == false)
      #expect(!"\(LedgerLocation.postgreSQL(SecretBytes(url)))".contains(server.password))
    }
    let port = try FreePort.any()
    let away = await #expect(throws: LedgerError.self) {
      try await LedgerLocation.postgreSQL(SecretBytes("postgres://127.0.0.1:\(port)/x")).open()
    }
    #expect(away?.kind == .unavailable)
  }
}
