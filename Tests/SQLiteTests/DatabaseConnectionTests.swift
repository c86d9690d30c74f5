import Foundation
import SQLite
import TestSupport
import Testing

@Suite struct DatabaseConnectionTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.path + "/test.db"
  }

  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test("a new database and its log are readable by their owner alone")
  func fileMode() throws {
    let connection = try DatabaseConnection(path: path)
    try connection.execute("CREATE TABLE t (a)")
    #expect(try mode(path) == 0o600)
    #expect(try mode(path + "-wal") == 0o600)
    #expect(try mode(path + "-shm") == 0o600)
  }

  @Test("a database that was open to others is closed to them")
  func tightening() throws {
    try directory.write("", to: "test.db")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    _ = try DatabaseConnection(path: path)
    #expect(try mode(path) == 0o600)
  }

  @Test(
    "a connection is durable, waits for locks and holds foreign keys",
    arguments: [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "5000")])
  func pragmas(name: String, expected: String) throws {
    let connection = try DatabaseConnection(path: path)
    #expect(try connection.prepare("PRAGMA \(name)").first { $0.text(0) } == expected)
  }

  @Test(
    "values come back as they were bound",
    arguments: [
      SQLiteValue.null, .integer(.min), .integer(.max), .text(""), .text("a\u{0}b"), .text("Zoë 🔑"), .blob([]),
      .blob([0, 0xFF, 0]),
    ])
  func values(value: SQLiteValue) throws { try expectSame(value) }

  @Test("a large value comes back as it was bound")
  func largeValue() throws { try expectSame(.blob([UInt8](repeating: 7, count: 3_000_000))) }

  private func expectSame(_ value: SQLiteValue) throws {
    let connection = try DatabaseConnection(path: path)
    try connection.execute("CREATE TABLE t (a)")
    try connection.prepare("INSERT INTO t VALUES (?)").run(value)
    let read = try connection.prepare("SELECT a, typeof(a) FROM t").first { row -> SQLiteValue in
      switch row.text(1) {
      case "integer": .integer(row.integer(0))
      case "text": .text(row.text(0))
      case "blob": .blob(row.blob(0))
      default: row.isNull(0) ? .null : .text("unexpected")
      }
    }
    #expect(read == value)
  }

  @Test("a statement runs again after rows, after errors, and without the values of before")
  func reuse() throws {
    let connection = try DatabaseConnection(path: path)
    try connection.execute("CREATE TABLE t (a INTEGER UNIQUE NOT NULL)")
    let insert = try connection.prepare("INSERT INTO t VALUES (?)")
    try insert.run(.integer(1))
    #expect(throws: SQLiteError.self) { try insert.run(.integer(1)) }
    try insert.run(.integer(2))
    #expect(connection.changedRows == 1)
    let select = try connection.prepare("SELECT a FROM t ORDER BY a")
    #expect(try select.first { $0.integer(0) } == 1)
    #expect(try select.all { $0.integer(0) } == [1, 2])
    let one = try connection.prepare("SELECT a FROM t WHERE a = ?")
    #expect(try one.first(.integer(3)) { $0.integer(0) } == nil)
    #expect(throws: SQLiteError.self) { try one.run() }
    #expect(throws: SQLiteError.self) { try one.run(.integer(1), .integer(2)) }
  }

  @Test("an error has SQLite's message and code, and no bound value")
  func errors() throws {
    let connection = try DatabaseConnection(path: path)
    try connection.execute("CREATE TABLE t (a TEXT UNIQUE)")
    let insert = try connection.prepare("INSERT INTO t VALUES (?)")
    try insert.run(.text("hunter2"))
    let error = #expect(throws: SQLiteError.self) { try insert.run(.text("hunter2")) }
    #expect(error?.isConstraint == true)
    #expect(error?.description == "SQLite error 2067: UNIQUE constraint failed: t.a")
    #expect(throws: SQLiteError.self) { try connection.prepare("SELECT nothing FROM nowhere") }
    #expect(throws: SQLiteError.self) { try connection.prepare("") }
  }

  @Test("a file that is no database says so")
  func notADatabase() throws {
    try directory.write(String(repeating: "no database ", count: 1_000), to: "test.db")
    let error = #expect(throws: SQLiteError.self) { try DatabaseConnection(path: path) }
    #expect(error?.isCorrupt == true)
  }

  @Test("a path that cannot be made names itself and the reason")
  func missingDirectory() throws {
    let error = #expect(throws: SQLiteError.self) { try DatabaseConnection(path: directory.path + "/none/test.db") }
    #expect(error?.message == "cannot create \(directory.path)/none/test.db: No such file or directory")
  }

  @Test("a file whose mode may not be changed is read-only, which is told from one that cannot be made")
  func fixedMode() throws {
    let error = #expect(throws: SQLiteError.self) { try DatabaseConnection(path: "/proc/self/status") }
    #expect(error?.isReadOnly == true)
    #expect(error?.message == "cannot change the mode of /proc/self/status: Operation not permitted")
  }

  @Test("a transaction that throws leaves nothing, and the next one works")
  func rollback() throws {
    struct Stop: Error {}
    let connection = try DatabaseConnection(path: path)
    try connection.execute("CREATE TABLE t (a)")
    #expect(throws: Stop.self) {
      try connection.transaction(mappingErrors: { _ in Stop() }) { () throws(Stop) in
        try? connection.execute("INSERT INTO t VALUES (1)")
        throw Stop()
      }
    }
    try connection.transaction { () throws(SQLiteError) in try connection.execute("INSERT INTO t VALUES (2)") }
    #expect(try connection.prepare("SELECT a FROM t").all { $0.integer(0) } == [2])
  }

  @Test("foreign keys are enforced")
  func foreignKeys() throws {
    let connection = try DatabaseConnection(path: path)
    try connection.execute("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p (id))")
    let error = #expect(throws: SQLiteError.self) { try connection.execute("INSERT INTO c VALUES (1)") }
    #expect(error?.isConstraint == true)
  }

  @Test("a statement outlives the connection that made it")
  func statementLifetime() throws {
    var connection: DatabaseConnection? = try DatabaseConnection(path: path)
    let statement = try #require(try connection?.prepare("SELECT 7"))
    connection = nil
    #expect(try statement.first { $0.integer(0) } == 7)
  }

  @Test("two connections that write at once wait for each other and lose nothing")
  func twoWriters() async throws {
    try DatabaseConnection(path: path).execute("CREATE TABLE t (n INTEGER NOT NULL)")
    let path = path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          let connection = try DatabaseConnection(path: path)
          for _ in 0..<50 {
            try connection.transaction { () throws(SQLiteError) in
              let count = try connection.prepare("SELECT count(*) FROM t").first { $0.integer(0) } ?? 0
              try connection.prepare("INSERT INTO t VALUES (?)").run(.integer(count))
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let connection = try DatabaseConnection(path: path)
    #expect(try connection.prepare("SELECT n FROM t ORDER BY n").all { $0.integer(0) } == Array(0..<100))
  }

  @Test("$1, $2 and so on take values in the order of their first appearance, each once")
  func numberedParameters() throws {
    let statement = try DatabaseConnection(path: path).prepare("SELECT $1, $2, $1, $3 || $2")
    let row = try statement.first(.text("a"), .text("b"), .text("c")) {
      [$0.text(0), $0.text(1), $0.text(2), $0.text(3)]
    }
    #expect(row == ["a", "b", "a", "cb"])
  }
}
