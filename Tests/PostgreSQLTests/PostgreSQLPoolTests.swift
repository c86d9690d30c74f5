import FederationAPI
import PostgreSQL
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct PostgreSQLPoolTests {
  private func pool(_ server: PostgreSQLServer, maximum: Int = 4) throws -> PostgreSQLPool {
    PostgreSQLPool(try PostgreSQLSettings(parsing: server.url()), maximum: maximum)
  }

  @discardableResult
  private func ask(
    _ pool: PostgreSQLPool, _ sql: String, timeoutSeconds: Double? = nil
  ) async throws -> [[String?]] {
    try await pool.withConnection(timeoutSeconds: timeoutSeconds) { connection throws(PostgreSQLError) in
      try connection.query(sql).rows
    }
  }

  private func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let clock = ContinuousClock()
    return try await clock.measure(body) / .seconds(1)
  }

  @Test("values and NULL come back as they were given, and names and literals are quoted")
  func values() async throws {
    let pool = try pool(try await .shared())
    let texts: [String?] = [nil, "", "Zoë 🔑", "'; DROP TABLE t; --", "\"\\$1", String(repeating: "x", count: 1 << 20)]
    let rows = try await pool.withConnection { connection throws(PostgreSQLError) in
      var rows: [[String?]] = []
      for text in texts {
        rows += try connection.query("SELECT $1::text", [text]).rows
        guard let text, !text.isEmpty, text.utf8.count < 60 else { continue }
        rows += try connection.query("SELECT \(try connection.literal(text))::text").rows
        let result = try connection.query("SELECT a.* FROM (SELECT 7 AS \(try connection.identifier(text))) a")
        #expect(result.rows == [["7"]])
      }
      return rows
    }
    #expect(rows.filter { $0 == [nil] }.count == 1)
    #expect(rows.filter { $0 == ["'; DROP TABLE t; --"] }.count == 2)
    #expect(rows.last == [texts[5]])
  }

  @Test("NUL is refused before anything is sent")
  func nul() async throws {
    let pool = try pool(try await .shared())
    try await pool.withConnection { connection throws(PostgreSQLError) in
      #expect(throws: PostgreSQLError.self) { try connection.query("SELECT $1::text", ["a\u{0}b"]) }
      #expect(throws: PostgreSQLError.self) { try connection.identifier("a\u{0}b") }
      #expect(throws: PostgreSQLError.self) { try connection.literal("a\u{0}b") }
      #expect(try connection.query("SELECT 1").rows == [["1"]])
    }
  }

  @Test("an error carries its SQLSTATE, and neither values nor the password")
  func errors() async throws {
    let server = try await PostgreSQLServer.shared()
    let pool = try pool(server)
    let error = await #expect(throws: PostgreSQLError.self) {
      try await pool.withConnection { connection throws(PostgreSQLError) in
        try connection.query("CREATE TEMPORARY TABLE t (a TEXT UNIQUE)")
        try connection.query("INSERT INTO t VALUES ($1)", ["hunter2"])
        try connection.query("INSERT INTO t VALUES ($1)", ["hunter2"])
      }
    }
    #expect(error?.sqlState == "23505")
    #expect(error?.isUniqueViolation == true)
    #expect(error?.message.contains("hunter2") == false)
    var settings = try PostgreSQLSettings(parsing: server.url())
    settings.password = SecretBytes("wrong-password")
    let refused = await #expect(throws: PostgreSQLError.self) {
      try await PostgreSQLPool(settings, maximum: 1).withConnection { _ in }
    }
    #expect(refused?.isTransient == false)
    #expect(refused?.message.contains("wrong-password") == false)
    for text in ["postgres://a:hunter2@[::1/x", "hunter2", "host=a password=hunter2 nonsense", ""] {
      let parsing = #expect(throws: PostgreSQLError.self) { try PostgreSQLSettings(parsing: text) }
      #expect(parsing?.message.contains("hunter2") == false)
    }
    #expect(!"\(settings)".contains("127.0.0.1"))
  }

  @Test("a transaction that throws leaves nothing, and the connection goes on")
  func rollback() async throws {
    let server = try await PostgreSQLServer.shared()
    let pool = PostgreSQLPool(try PostgreSQLSettings(parsing: try await server.makeDatabase()), maximum: 1)
    try await pool.withConnection { connection throws(PostgreSQLError) in
      try connection.query("CREATE TABLE t (a BIGINT)")
      #expect(throws: PostgreSQLError.self) {
        try connection.transaction { () throws(PostgreSQLError) in
          try connection.query("INSERT INTO t VALUES (1)")
          _ = try connection.query("SELECT nothing")
        }
      }
      try connection.transaction { () throws(PostgreSQLError) in try connection.query("INSERT INTO t VALUES (2)") }
      // One that swallows a statement's error cannot commit.
      #expect(throws: PostgreSQLError.self) {
        try connection.transaction { () throws(PostgreSQLError) in
          _ = try? connection.query("SELECT nothing")
        }
      }
      #expect(try connection.query("SELECT a FROM t").rows == [["2"]])
    }
  }

  @Test("more callers than connections all get their turn")
  func bound() async throws {
    let pool = try pool(try await .shared(), maximum: 3)
    let processes = try await withThrowingTaskGroup(of: String?.self) { group in
      for _ in 0..<200 {
        group.addTask {
          try await pool.withConnection { connection throws(PostgreSQLError) in
            try connection.query("SELECT pg_backend_pid()").rows.first?.first ?? nil
          }
        }
      }
      return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
    }
    #expect((1...3).contains(processes.count))
  }

  @Test("a statement past its time fails in time, is cancelled at the server, and the next call works")
  func slowStatement() async throws {
    let server = try await PostgreSQLServer.shared()
    let pool = try pool(server, maximum: 1)
    let taken = await seconds {
      let error = await #expect(throws: PostgreSQLError.self) {
        try await pool.withConnection(timeoutSeconds: 0.5) { connection throws(PostgreSQLError) in
          try connection.query("SELECT pg_sleep(3600) /* slow */")
        }
      }
      #expect(error?.isTimeout == true)
    }
    #expect(taken < 1.5)
    #expect(try await ask(pool, "SELECT 1") == [["1"]])
    // The request to cancel goes its own way; it is there when the statement is not.
    let clock = ContinuousClock()
    let end = clock.now + .seconds(10)
    var running = 1
    while running > 0, clock.now < end {
      running = try await server.execute(
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%/* slow */' AND state = 'active'"
      ).count
    }
    #expect(running == 0)
  }

  @Test("a caller who waits for a connection fails at its own time")
  func waiting() async throws {
    let pool = try pool(try await .shared(), maximum: 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await ask(pool, "SELECT pg_sleep(1)", timeoutSeconds: 5)
      }
      group.addTask {
        let taken = await self.seconds {
          _ = try? await ask(pool, "SELECT pg_sleep(1)", timeoutSeconds: 0.3)
        }
        #expect(taken < 0.9)
      }
      try await group.waitForAll()
    }
  }

  @Test("a server that stopped and came back is found again at once; while it is away calls fail at once")
  func restart() async throws {
    let server = try await PostgreSQLServer()
    let pool = try pool(server)
    for stop in [PostgreSQLServer.Stop.fast, .immediate] {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<20 { group.addTask { try await ask(pool, "SELECT 1") } }
        try await group.waitForAll()
      }
      await server.stop(stop)
      try await server.start()
      // Every idle connection is dead now.
      #expect(try await ask(pool, "SELECT 1") == [["1"]])
      await server.stop(stop)
      let taken = await seconds {
        let error = await #expect(throws: PostgreSQLError.self) {
          try await ask(pool, "SELECT 1")
        }
        #expect(error?.isTransient == true)
      }
      #expect(taken < 1.9)
      try await server.start()
      #expect(try await ask(pool, "SELECT 1") == [["1"]])
    }
  }

  @Test("a server that hangs makes calls fail in time, on open connections and on new ones")
  func frozen() async throws {
    let server = try await PostgreSQLServer()
    let pool = try pool(server)
    #expect(try await ask(pool, "SELECT 1") == [["1"]])
    try server.freeze(true)
    let taken = await seconds {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<20 {
          group.addTask { _ = try? await ask(pool, "SELECT 1") }
        }
      }
    }
    #expect((1.4..<2).contains(taken))
    try server.freeze(false)
    #expect(try await ask(pool, "SELECT 1") == [["1"]])
  }
}
