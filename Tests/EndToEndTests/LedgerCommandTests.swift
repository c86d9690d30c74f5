import FederationAPI
import Foundation
import JSON
import Ledger
import TestSupport
import Testing

/// A ledger with two states, one of them live, for the programs under test.
private struct FilledLedger {
  let location: LedgerLocation
  let directory: TemporaryDirectory
  let ledger: any Ledger

  init(_ backend: String) async throws {
    directory = try TemporaryDirectory()
    location =
      backend == "SQLite"
      ? .directory(directory.path + "/data")
      : .postgreSQL(SecretBytes(try await PostgreSQLServer.shared().makeDatabase()))
    ledger = try await location.open()
    for (name, owner) in [("postgresql-db-pod-1-a", "pod-1"), ("postgresql-db-pod-2-b", "pod-2")] {
      try await ledger.announce(state(name, owner))
    }
    let live = state("postgresql-db-pod-2-b", "pod-2")
    let issued = IssuedCredential(
      source: .generator(live.generator, stateName: live.name), workload: nil, lastIssuedAtSeconds: 1_700_000_000)
    _ = try await ledger.confirm(
      live.name, lease: nil, issued: issued, to: live.identity, audit: entry(1, "apps/PostgreSql/db"))
  }

  private func state(_ name: String, _ owner: String) -> GeneratorState {
    GeneratorState(
      name: name, generator: GeneratorReference(namespace: "apps", kind: "PostgreSql", name: "db"),
      owner: Owner(name: owner, label: owner, attributes: ["namespace": "n"], workload: nil),
      identity: IdentityReference(
        method: .oidc, provider: "https://issuer", subject: "system:serviceaccount:n:\u{1B}[31m\(owner)",
        federations: [FederationReference(kind: "KubernetesFederation", name: "f")]),
      resource: "{\"spec\":{}}", state: "{\"username\":\"app_\(owner)\"}", instance: ledger.instance,
      createdAtSeconds: 1_700_000_000, expiresAtSeconds: owner == "pod-1" ? 1_700_003_600 : nil)
  }

  func entry(_ milliseconds: Int64, _ target: String, outcome: String = "ok") -> AuditEntry {
    AuditEntry(
      atMilliseconds: milliseconds, action: .generate, outcome: outcome,
      identity: AuditIdentity(method: .oidc, provider: "https://issuer", subject: "who"), target: target)
  }

  /// A program that finds this ledger by its flag, or by its environment when the URL holds a password.
  func start(_ arguments: [String]) throws -> ChildProgram {
    var environment = ProcessInfo.processInfo.environment
    var arguments = arguments
    switch location {
    case .directory(let path): arguments.insert("--data=\(path)", at: arguments.first == "audit" ? 1 : 2)
    case .postgreSQL(let url): environment["FEDERATION_LEDGER"] = url.text
    }
    return try ChildProgram(product: "federation-server", arguments: arguments, environment: environment)
  }

  func run(_ arguments: String...) async throws -> (exit: ChildProgram.Exit, stdout: String, stderr: String) {
    let child = try start(arguments)
    let exit = await child.wait()
    return (exit, child.stdout.text, child.stderr.text)
  }
}

private func lines(_ text: String) throws -> [JSONValue] {
  try text.split(separator: "\n").map { try JSONValue.parse(Array($0.utf8)) }
}

@Suite(.timeLimit(.minutes(2))) struct LedgerCommandTests {
  @Test("list shows what the filter finds, as a table or JSON", arguments: ["SQLite", "PostgreSQL"])
  func list(backend: String) async throws {
    let filled = try await FilledLedger(backend)
    let table = try await filled.run("ledger", "list")
    #expect(table.exit == .status(0))
    #expect(table.stderr.isEmpty)
    let rows = table.stdout.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows.first == ["NAME", "GENERATOR", "OWNER", "PHASE", "CREATED", "EXPIRES", "SUBJECT"])
    #expect(rows.dropFirst().map { $0[0] } == ["postgresql-db-pod-1-a", "postgresql-db-pod-2-b"])
    #expect(
      rows.last?.prefix(6).dropFirst() == ["apps/PostgreSql/db", "pod-2", "live", "2023-11-14T22:13:20Z", "never"])
    #expect(!table.stdout.contains("\u{1B}"))
    let json = try await filled.run(
      "ledger", "list", "--output=json", "--phase=pending,revoking", "--namespace=apps", "--kind=PostgreSql",
      "--name=db",
      "--owner=pod-1", "--subject=system:serviceaccount:n:\u{1B}[31mpod-1")
    let states = try #require(try lines(json.stdout).first?.array)
    #expect(states.map { $0["name"]?.string } == ["postgresql-db-pod-1-a"])
    #expect(states.first?["expiresAt"]?.string == "2023-11-14T23:13:20Z")
    #expect(states.first?["state"]?["username"]?.string == "app_pod-1")
    for flag in ["--owner=x", "--kind=x", "--name=x", "--namespace=x", "--subject=x", "--phase=revoking"] {
      #expect(try await filled.run("ledger", "list", "--output=json", flag).stdout == "[]\n")
    }
  }

  @Test("show tells all of one state, and says so when there is none", arguments: ["SQLite", "PostgreSQL"])
  func show(backend: String) async throws {
    let filled = try await FilledLedger(backend)
    let shown = try await filled.run("ledger", "show", "postgresql-db-pod-2-b")
    #expect(shown.exit == .status(0))
    for part in ["phase:", "live", "https://issuer", "KubernetesFederation/f", "{\"username\":\"app_pod-2\"}"] {
      #expect(shown.stdout.contains(part))
    }
    let json = try await filled.run("ledger", "show", "--output", "json", "postgresql-db-pod-2-b")
    #expect(try lines(json.stdout).first?["phase"]?.string == "live")
    let none = try await filled.run("ledger", "show", "nobody")
    #expect(none.exit == .status(1))
    #expect(none.stderr == "federation-server ledger: no state \"nobody\"\n")
  }

  @Test(
    "revoke marks by name or by a filter that is meant, and puts it into the trail",
    arguments: ["SQLite", "PostgreSQL"])
  func revoke(backend: String) async throws {
    let filled = try await FilledLedger(backend)
    let unsure = try await filled.run("ledger", "revoke", "--namespace=apps")
    #expect(unsure.exit == .status(1))
    #expect(unsure.stderr.contains("that would revoke 2 states; add --yes"))
    var revoking = StateFilter()
    revoking.phases = [.revoking]
    #expect(try await filled.ledger.states(revoking, limit: 9).isEmpty)
    let one = try await filled.run("ledger", "revoke", "postgresql-db-pod-1-a", "nobody")
    #expect(one.exit == .status(1))
    #expect(one.stdout == "marked 1 state for revocation; the running server's reaper cleans up\n")
    #expect(one.stderr == "federation-server ledger: no state \"nobody\"\n")
    let all = try await filled.run("ledger", "revoke", "--namespace=apps", "--yes")
    #expect(all.exit == .status(0))
    #expect(all.stdout == "marked 2 states for revocation; the running server's reaper cleans up\n")
    #expect(try await filled.ledger.states(revoking, limit: 9).map(\.revocationReason) == ["operator", "operator"])
    var filter = AuditFilter()
    filter.action = .revoke
    #expect(try await filled.ledger.audit(filter, limit: 9).count == 3)
  }

  @Test("export writes everything as JSON lines", arguments: ["SQLite", "PostgreSQL"])
  func export(backend: String) async throws {
    let filled = try await FilledLedger(backend)
    try await filled.ledger.append((0..<1_200).map { filled.entry(Int64($0), "t") })
    let export = try await filled.run("ledger", "export")
    #expect(export.exit == .status(0))
    let types = try lines(export.stdout).map { $0["type"]?.string }
    #expect(types == ["state", "state", "identity"] + Array(repeating: "audit", count: 1_201))
  }

  @Test("audit filters, limits, and gives a table or JSON lines", arguments: ["SQLite", "PostgreSQL"])
  func audit(backend: String) async throws {
    let filled = try await FilledLedger(backend)
    let now = Int64(Date().timeIntervalSince1970 * 1_000)
    try await filled.ledger.append([
      filled.entry(now - 7_200_000, "old"), filled.entry(now, "s/k", outcome: "PERMISSION_DENIED"),
      filled.entry(now, "new"),
    ])
    func targets(_ flags: String...) async throws -> [String?] {
      let child = try filled.start(["audit", "--output=json"] + flags)
      #expect(await child.wait() == .status(0))
      return try lines(child.stdout.text).map { $0["target"]?.string }
    }
    #expect(try await targets() == ["apps/PostgreSql/db", "old", "s/k", "new"])
    #expect(try await targets("--since", "1h") == ["s/k", "new"])
    #expect(try await targets("--until", "1h", "--since", "2000-01-01T00:00:00Z") == ["old"])
    #expect(try await targets("--limit=1") == ["new"])
    #expect(try await targets("--outcome=PERMISSION_DENIED", "--action=credential.generate") == ["s/k"])
    #expect(try await targets("--target=new", "--subject=who") == ["new"])
    #expect(try await targets("--subject=wh") == [])
    let table = try await filled.run("audit", "--limit", "2")
    #expect(table.stdout.hasPrefix("TIME"))
    #expect(table.stdout.split(separator: "\n").count == 3)
  }

  @Test(
    "--follow prints what is new, and ends with 0 on SIGINT and SIGTERM", arguments: ["SQLite", "PostgreSQL"],
    [SIGINT, SIGTERM])
  func follow(backend: String, signal: Int32) async throws {
    let filled = try await FilledLedger(backend)
    let child = try filled.start(["audit", "--follow", "--output=json", "--subject=who"])
    _ = try await child.stdout.waitForLine(containing: "apps/PostgreSql/db")
    var other = filled.entry(5, "of another")
    other.identity?.subject = "other"
    try await filled.ledger.append([other, filled.entry(5, "first")])
    _ = try await child.stdout.waitForLine(containing: "first")
    try await filled.ledger.append([filled.entry(5, "second")])
    _ = try await child.stdout.waitForLine(containing: "second")
    child.signal(signal)
    #expect(await child.wait() == .status(0))
    #expect(try lines(child.stdout.text).map { $0["target"]?.string } == ["apps/PostgreSql/db", "first", "second"])
    #expect(child.stderr.text.isEmpty)
  }

  @Test("the URL may come from a file, and no error shows its password")
  func ledgerFile() async throws {
    let server = try await PostgreSQLServer.shared()
    let filled = try await FilledLedger("PostgreSQL")
    guard case .postgreSQL(let location) = filled.location, let url = location.text else { return }
    let file = try filled.directory.write(url + "\n", to: "ledger-url")
    let child = try ChildProgram(
      product: "federation-server", arguments: ["ledger", "list", "--ledger-file", file, "--output", "json"])
    #expect(await child.wait() == .status(0))
    #expect(try lines(child.stdout.text).first?.array?.count == 2)
    let empty = try await server.makeDatabase()
    let refusals = [
      url.replacingOccurrences(of: server.password, with: "hunter2"), "postgres://a:hunter2@[::1/x", empty,
    ]
    for url in refusals {
      let child = try ChildProgram(product: "federation-server", arguments: ["ledger", "list", "--ledger", url])
      #expect(await child.wait() == .status(1))
      #expect(child.stderr.text.hasPrefix("federation-server ledger: "))
      #expect(!child.stderr.text.contains("hunter2"))
      #expect(!child.stderr.text.contains(server.password))
    }
  }

  @Test("a pipe in the place of the URL's file is refused at once")
  func ledgerPipe() async throws {
    let directory = try TemporaryDirectory()
    let pipe = directory.path + "/ledger-url"
    #expect(mkfifo(pipe, 0o600) == 0)
    let child = try ChildProgram(
      product: "federation-server", arguments: ["ledger", "list", "--ledger-file", pipe])
    #expect(await child.wait() == .status(2))
    #expect(child.stderr.text.contains("--ledger-file: the file of the ledger's URL \(pipe) is not a regular file"))
  }

  @Test(
    "a command line that makes no sense ends with 2 and the usage",
    arguments: [
      ["ledger"], ["ledger", "take"], ["ledger", "list"], ["ledger", "list", "--data", "D", "x"],
      ["ledger", "list", "--data", "D", "--ledger", "postgres://x"],
      ["ledger", "list", "--ledger", "mysql://a:hunter2@x"],
      ["ledger", "list", "--data", "D", "--phase", "dead"], ["ledger", "show", "--data", "D"],
      ["ledger", "revoke", "--data", "D", "--yes"], ["ledger", "revoke", "--data", "D", "--owner", "o", "name"],
      ["ledger", "list", "--ledger-file", "/none"], ["audit"], ["audit", "--data", "D", "x"],
      ["audit", "--data", "D", "--since", "yesterday"], ["audit", "--data", "D", "--action", "x"],
      ["audit", "--data", "D", "--limit", "0"], ["audit", "--data", "D", "--follow", "--until", "1h"],
    ])
  func usage(arguments: [String]) async throws {
    let child = try ChildProgram(product: "federation-server", arguments: arguments)
    #expect(await child.wait() == .status(2))
    #expect(child.stdout.text.isEmpty)
    #expect(child.stderr.text.contains("usage: federation-server \(arguments[0])"))
    #expect(!child.stderr.text.contains("hunter2"))
  }

  @Test("where there is no ledger none is made", arguments: [["ledger", "list"], ["ledger", "export"], ["audit"]])
  func noLedger(arguments: [String]) async throws {
    let directory = try TemporaryDirectory()
    let data = directory.path + "/data"
    let child = try ChildProgram(product: "federation-server", arguments: arguments + ["--data", data])
    #expect(await child.wait() == .status(1))
    #expect(child.stderr.text.contains("no ledger in \(data)"))
    #expect(!FileManager.default.fileExists(atPath: data))
  }
}
