import FederationAPI
import JSON
import PostgreSQL
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Generators

@Suite(.timeLimit(.minutes(2))) struct PostgreSqlGeneratorTests {
  let server: PostgreSQLServer

  init() async throws { server = try await .shared() }

  private func spec(_ user: PostgreSqlSpec.User) -> PostgreSqlSpec {
    PostgreSqlSpec(
      host: "127.0.0.1", port: server.port, username: PostgreSQLServer.user,
      password: SecretKeySelector(namespace: "n", name: "s", key: "k"), user: user)
  }

  private func generator(_ user: PostgreSqlSpec.User, password: String? = nil) -> PostgreSqlGenerator {
    let secret = SecretBytes(password ?? server.password)
    return PostgreSqlGenerator(spec(user)) { () throws(RPCError) in secret }
  }

  private func plan(
    _ generator: PostgreSqlGenerator, expiresAtSeconds: Int64? = nil
  ) throws -> (plan: GenerationPlan, name: String) {
    let plan = try generator.plan(GenerationRequest(ownerLabel: "pod", expiresAtSeconds: expiresAtSeconds))
    return (plan, try #require(plan.state["username"]?.string))
  }

  private func count(_ condition: String) async throws -> Int {
    let rows = try await server.execute("SELECT count(*) FROM pg_roles WHERE \(condition)")
    return Int(rows.first?.first.flatMap { $0 } ?? "") ?? -1
  }

  private func logIn(
    _ values: GeneratedValues, database: String = "postgres", _ statements: String...
  ) async throws -> [[String?]] {
    let user = try #require(values["username"]?.text)
    let settings = PostgreSQLSettings(
      parameters: ["host": "127.0.0.1", "port": "\(server.port)", "dbname": database, "user": user],
      password: values["password"], timeoutSeconds: 30)
    let pool = PostgreSQLPool(settings, maximum: 1)
    defer { pool.close() }
    return try await pool.withConnection { connection throws(PostgreSQLError) in
      var rows: [[String?]] = []
      for statement in statements { rows = try connection.query(statement).rows }
      return rows
    }
  }

  @Test("200 roles are made at once, each logs in, and all are taken back at once")
  func many() async throws {
    let generator = generator(.init(username: "many", suffixSize: 12, roles: ["many_group", "many_other"]))
    let plans = try (0..<200).map { _ in try plan(generator).plan }
    let server = server
    try await withThrowingTaskGroup(of: Void.self) { group in
      for plan in plans {
        group.addTask {
          let values = try await generator.generate(plan).values
          #expect(Set(values.keys) == ["username", "password"])
          #expect(values["username"]?.text == plan.state["username"]?.string)
          #expect(values["password"]?.count == 32)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await count("rolname LIKE 'many\\_%' AND rolcanlogin") == 200)
    #expect(try await count("rolname IN ('many_group', 'many_other') AND NOT rolcanlogin") == 2)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for plan in plans { group.addTask { try await generator.cleanUp(plan.state) } }
      try await group.waitForAll()
    }
    #expect(try await count("rolname LIKE 'many\\_%'") == 2)
    try await server.execute("DROP ROLE many_group, many_other")
  }

  @Test("a role logs in with its password, has its attributes, groups and expiry; its password is in no log")
  func login() async throws {
    let generator = generator(
      .init(
        username: "app", attributes: [.createDB, .noInherit, .connectionLimit(3)], roles: ["login_readers"]))
    let (plan, name) = try plan(generator, expiresAtSeconds: 4_102_444_800)
    #expect(name.wholeMatch(of: /app_[a-z0-9]{8}/) != nil)
    let values = try await generator.generate(plan).values
    #expect(try await logIn(values, "SELECT current_user") == [[name]])
    let row = try await server.execute(
      """
      SELECT rolcreatedb, rolinherit, rolsuper, rolconnlimit, extract(epoch FROM rolvaliduntil)::bigint,
        pg_has_role(rolname, 'login_readers', 'MEMBER') FROM pg_roles WHERE rolname = '\(name)'
      """)
    #expect(row == [["t", "f", "f", "3", "4102444800", "t"]])
    let password = try #require(values["password"]?.text)
    #expect(server.log.contains("CREATE ROLE \"\(name)\""))
    #expect(!server.log.contains(password))
    try await generator.cleanUp(plan.state)
    await #expect(throws: PostgreSQLError.self) { try await logIn(values, "SELECT 1") }
    #expect(try await count("rolname = '\(name)'") == 0)
    // Again, and for what was never made.
    try await generator.cleanUp(plan.state)
    try await generator.cleanUp(try self.plan(generator).plan.state)
    try await server.execute("DROP ROLE login_readers")
  }

  @Test("a role that is there already is refused, and cleanup leaves it alone")
  func taken() async throws {
    try await server.execute("CREATE ROLE taken LOGIN")
    let generator = generator(.init(username: "taken", suffixSize: 0))
    let (plan, name) = try plan(generator)
    #expect(name == "taken")
    let error = await #expect(throws: RPCError.self) { try await generator.generate(plan) }
    #expect(error?.code == .failedPrecondition)
    try await generator.cleanUp(plan.state)
    #expect(try await count("rolname = 'taken' AND rolcanlogin") == 1)
    try await server.execute("DROP ROLE taken")
    // Of two states with one name, each takes back its own only.
    _ = try await generator.generate(plan)
    let second = try self.plan(generator).plan
    await #expect(throws: RPCError.self) { try await generator.generate(second) }
    try await generator.cleanUp(second.state)
    #expect(try await count("rolname = 'taken'") == 1)
    try await generator.cleanUp(plan.state)
    #expect(try await count("rolname = 'taken'") == 0)
  }

  @Test("what a role owns in any database is given away, or dropped, and its sessions end", arguments: [false, true])
  func ownership(isDestructive: Bool) async throws {
    let url = try await server.makeDatabase()
    let database = try #require(url.split(separator: "/").last.map(String.init))
    try await server.execute("GRANT CREATE ON SCHEMA public TO PUBLIC", in: database)
    try await server.execute("CREATE TABLE others (a INT)", in: database)
    let heir = isDestructive ? nil : "heir"
    let generator = generator(
      .init(username: "owner", attributes: [.createDB], destructiveCleanup: isDestructive, reassignTo: heir))
    let (plan, name) = try plan(generator)
    let values = try await generator.generate(plan).values
    try await server.execute("GRANT SELECT ON others TO \"\(name)\"", in: database)
    _ = try await logIn(values, database: database, "CREATE TABLE mine (a INT)", "CREATE DATABASE \"own_\(name)\"")

    async let session: Void = {
      let error = await #expect(throws: PostgreSQLError.self) {

        _ = try await logIn(values, database: database, "SELECT pg_sleep(25)")
      }
      #expect(error?.sqlState == "57P01")
    }()
    try await waitForSession(of: name)
    try await generator.cleanUp(plan.state)
    await session
    #expect(try await count("rolname = '\(name)'") == 0)
    let owners = try await server.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'mine'", in: database)
    #expect(owners == (isDestructive ? [] : [["heir"]]))
    let owner = try await server.execute(
      "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'own_\(name)'")
    #expect(owner == [[isDestructive ? PostgreSQLServer.user : "heir"]])
    #expect(try await server.execute("SELECT count(*) FROM others", in: database) == [["0"]])
  }

  @Test(
    "a role is taken back whatever its comment says now, or its name",
    arguments: [
      "COMMENT ON ROLE \"%\" IS 'used by shop'", "COMMENT ON ROLE \"%\" IS NULL",
      "ALTER ROLE \"%\" RENAME TO renamed_role",
    ])
  func disguised(statement: String) async throws {
    let generator = generator(.init(username: "disguised", attributes: [.createRole]))
    let (plan, name) = try plan(generator)
    let values = try await generator.generate(plan).values
    try await server.execute(statement.replacing("%", with: name))
    try await generator.cleanUp(plan.state)
    #expect(try await count("rolname IN ('\(name)', 'renamed_role')") == 0)
    await #expect(throws: PostgreSQLError.self) { try await logIn(values, "SELECT 1") }
  }

  @Test("of several that take the same role back at once, all succeed")
  func together() async throws {
    let generator = generator(.init(username: "together"))
    for _ in 0..<15 {
      let (plan, _) = try plan(generator)
      _ = try await generator.generate(plan)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { try await generator.cleanUp(plan.state) } }
        try await group.waitForAll()
      }
    }
    #expect(try await count("rolname LIKE 'together%'") == 0)
  }

  @Test("what a caller wrote never comes to act with a superuser's rights")
  func heir() async throws {
    let url = try await server.makeDatabase()
    let database = try #require(url.split(separator: "/").last.map(String.init))
    try await server.execute("GRANT CREATE ON SCHEMA public TO PUBLIC", in: database)
    try await server.execute("CREATE TABLE vault (secret TEXT)", in: database)
    try await server.execute("INSERT INTO vault VALUES ('of the superuser')", in: database)
    // Nobody is named, and the generator's login is a superuser.
    let generator = generator(.init(username: "writer"))
    let (plan, _) = try plan(generator)
    let values = try await generator.generate(plan).values
    _ = try await logIn(
      values, database: database,
      "CREATE FUNCTION peek() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT secret FROM vault'",
      "CREATE VIEW outlook AS SELECT secret FROM vault", "GRANT SELECT ON outlook TO PUBLIC")
    try await generator.cleanUp(plan.state)

    let (later, _) = try self.plan(generator)
    let other = try await generator.generate(later).values
    for statement in ["SELECT peek()", "SELECT secret FROM outlook"] {
      let error = await #expect(throws: PostgreSQLError.self) { try await logIn(other, database: database, statement) }
      #expect(error?.sqlState == "42501")
    }
    try await generator.cleanUp(later.state)
  }

  @Test("cleanup waits for a CREATE that is in flight, and takes its role back")
  func inFlight() async throws {
    let generator = generator(.init(username: "flight"))
    let (plan, name) = try plan(generator)
    let role = try OwnedRole(plan.state)
    let pool = PostgreSQLPool(try PostgreSQLSettings(parsing: server.url()), maximum: 1)
    let server = server
    // What a server does that is killed between COMMIT's sending and its answer, slowed down.
    let held = Gate()
    async let creation: Void = pool.withConnection(timeoutSeconds: 30) { connection throws(PostgreSQLError) in
      try connection.transaction { () throws(PostgreSQLError) in
        try connection.lockRole(role.name)
        try connection.query("CREATE ROLE \"\(role.name)\" LOGIN")
        try connection.query("COMMENT ON ROLE \"\(role.name)\" IS '\(role.comment)'")
        held.open()
        // Until the cleanup stands in line.
        while try connection.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").rows.isEmpty {}
      }
    }
    await held.wait()
    try await generator.cleanUp(plan.state)
    try await creation
    #expect(try await server.execute("SELECT 1 FROM pg_roles WHERE rolname = '\(name)'") == [])
  }

  @Test("a wrong password, a server that is away and a name that is too long are told apart, without particulars")
  func failures() async throws {
    let user = PostgreSqlSpec.User(username: "failing")
    let wrong = generator(user, password: "wrong-password")
    let state = try plan(wrong).plan
    var away = spec(user)
    away.port = try FreePort.any()
    let secret = SecretBytes(server.password)
    let cases: [(PostgreSqlGenerator, StatusCode)] = [
      (wrong, .failedPrecondition),
      (PostgreSqlGenerator(away) { () throws(RPCError) in secret }, .unavailable),
      (generator(.init(username: "failing", attributes: [.connectionLimit(-7)])), .failedPrecondition),
    ]
    for (generator, code) in cases {
      let error = await #expect(throws: RPCError.self) { try await generator.generate(state) }
      #expect(error?.code == code)
      for particular in ["127.0.0.1", "wrong-password", server.password, "failing", "CREATE"] {
        #expect(error?.message.contains(particular) == false)
      }
    }
    for (generator, code) in cases.prefix(2) {
      let error = await #expect(throws: RPCError.self) { try await generator.cleanUp(state.state) }
      #expect(error?.code == code)
    }
    #expect(throws: RPCError.self) {
      try self.plan(generator(.init(username: "a", roles: [String(repeating: "x", count: 64)])))
    }
    for name in [String(repeating: "x", count: 55), "a\u{0}b", ""] {
      let error = #expect(throws: RPCError.self) {
        try self.plan(generator(.init(username: name, suffixSize: name.isEmpty ? 0 : 8)))
      }
      #expect(error?.code == .failedPrecondition)
    }
    let missing = PostgreSqlGenerator(spec(user)) { () throws(RPCError) in throw RPCError(.failedPrecondition, "none") }
    #expect(throws: RPCError(.failedPrecondition, "none")) { try self.plan(missing) }
    let lost = await #expect(throws: RPCError.self) { try await wrong.cleanUp([:]) }
    #expect(lost?.code == .dataLoss)
  }

  @Test(
    "names are names and never SQL",
    arguments: ["a\"b", "'; DROP ROLE admin; --", "Grüße 🔑", "\\", "sp ace", "$1", String(repeating: "é", count: 27)])
  func hostileNames(name: String) async throws {
    let generator = generator(
      .init(username: name, roles: ["group " + name.prefix(20)], reassignTo: "heir " + name.prefix(20)))
    let (plan, _) = try plan(generator)
    let values = try await generator.generate(plan).values
    #expect(try await logIn(values, "SELECT current_user") == [[plan.state["username"]?.string]])
    try await generator.cleanUp(plan.state)
    await #expect(throws: PostgreSQLError.self) { try await logIn(values, "SELECT 1") }
  }

  @Test("a login that is no superuser, but may create roles, takes roles back as well")
  func plainAdministrator() async throws {
    try await server.execute("CREATE ROLE plain LOGIN CREATEROLE PASSWORD 'plain-password'")
    let url = try await server.makeDatabase()
    let database = try #require(url.split(separator: "/").last.map(String.init))
    try await server.execute("GRANT CREATE ON SCHEMA public TO PUBLIC", in: database)
    var spec = spec(.init(username: "small"))
    spec.username = "plain"
    let generator = PostgreSqlGenerator(spec) { () throws(RPCError) in SecretBytes("plain-password") }
    let (plan, name) = try plan(generator)
    let values = try await generator.generate(plan).values
    _ = try await logIn(values, database: database, "CREATE TABLE mine (a INT)")
    try await generator.cleanUp(plan.state)
    #expect(try await count("rolname = '\(name)'") == 0)
    let owners = try await server.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'mine'", in: database)
    #expect(owners == [["plain"]])
  }

  @Test("a database that its owner has laid with traps makes the administrator call nothing of the owner's")
  func trap() async throws {
    let generator = generator(.init(username: "trapper", attributes: [.createDB], reassignTo: "trap_heir"))
    let (plan, name) = try plan(generator)
    let values = try await generator.generate(plan).values
    let database = "own_\(name)"
    _ = try await logIn(values, "CREATE DATABASE \(database)")
    _ = try await logIn(
      values, database: database, "CREATE TABLE public.caught (who TEXT)",
      """
      CREATE FUNCTION public.shobj_description(OID, NAME) RETURNS TEXT LANGUAGE sql
      AS $$ INSERT INTO public.caught VALUES (current_user); SELECT pg_catalog.shobj_description($1, $2) $$
      """, "ALTER DATABASE \(database) SET search_path = public, pg_catalog")
    try await generator.cleanUp(plan.state)
    #expect(try await count("rolname = '\(name)'") == 0)
    #expect(try await server.execute("SELECT * FROM public.caught", in: database) == [])
  }

  private func waitForSession(of name: String) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      let sql = "SELECT 1 FROM pg_stat_activity WHERE usename = '\(name)' AND query LIKE '%pg_sleep%'"
      if try await !server.execute(sql).isEmpty { return }
    }
    Issue.record("no session of \(name)")
  }
}

/// Opened once, by a thread that cannot await, for one task that does.
private final class Gate: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }
  func open() { continuation.finish() }
  func wait() async { for await _ in stream {} }
}
