import FederationAPI
import Foundation
import TestSupport
import Testing

@testable import FederationClient

/// What becomes of generators' outputs once they are there.
@Suite struct GeneratorInjectionTests {
  private let db = GeneratorReference(namespace: "apps", kind: "PostgreSql", name: "db")
  private let id = GeneratorReference(namespace: "apps", kind: "UUID", name: "id")

  private func variables(
    _ plan: InjectionPlan, _ outputs: [GeneratorReference: [String: String]], secrets: [String: String] = [:]
  ) throws -> [String] {
    var values: [SecretName: SecretBytes] = [:]
    for (name, value) in secrets { values[try #require(SecretName(parsing: name))] = SecretBytes(value) }
    let injection = try Injection(
      plan, values: values, outputs: outputs.mapValues { $0.mapValues { SecretBytes($0) } })
    return try injection.environment(over: []).assignments.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("every output becomes a variable by the name rule, and a written name wins")
  func nameRule() throws {
    let outputs = [db: ["username": "u", "pass-word": "p"], id: ["uuid": "1"]]
    let all = try InjectionPlan(generators: [db, id])
    #expect(try variables(all, outputs) == ["PASS_WORD=p", "USERNAME=u", "UUID=1"])
    let star = try InjectionPlan(environment: ["*,USERNAME=id.uuid,K=vault.k"], generators: [db, id])
    #expect(
      try variables(star, outputs, secrets: ["vault.k": "v"]) == ["K=v", "PASS_WORD=p", "USERNAME=1", "UUID=1"])
  }

  @Test("an output that the generator did not give is told with those that it gave, and no value")
  func missing() throws {
    let plan = try InjectionPlan(environment: ["A=db.user"], generators: [db])
    let error = #expect(throws: InjectionError.self) {
      try variables(plan, [db: ["username": "hunter1", "password": "hunter2"]])
    }
    #expect(
      error?.message
        == "the generator apps/PostgreSql/db gave no output \"user\", but \"password\", \"username\": correct the flag's key"
    )
    let nothing = #expect(throws: InjectionError.self) { try variables(plan, [db: [:]]) }
    #expect(nothing?.message.contains("but no output") == true)
  }

  @Test("outputs that clash are both named", arguments: [false, true])
  func clashes(withSecret: Bool) throws {
    let plan = try InjectionPlan(
      environment: ["*"], files: withSecret ? ["/run/k=vault.user-name"] : [], generators: [db])
    let outputs = withSecret ? ["user_name": "u"] : ["user-name": "u", "user_name": "v"]
    let error = #expect(throws: InjectionError.self) {
      try variables(plan, [db: outputs], secrets: withSecret ? ["vault.user-name": "s"] : [:])
    }
    let first = withSecret ? "vault.user-name" : "apps/PostgreSql/db.user-name"
    #expect(error?.message.hasPrefix("\(first) and apps/PostgreSql/db.user_name would both set USER_NAME: ") == true)
  }

  @Test("equal keys of two generators cannot stand in one file")
  func equalKeys() throws {
    let plan = try InjectionPlan(files: ["/run/all=*"], generators: [db, id])
    let error = InjectionError(
      "/run/all cannot hold both apps/PostgreSql/db.k and apps/UUID/id.k: their keys are equal")
    #expect(throws: error) { try variables(plan, [db: ["k": "1"], id: ["k": "2"]]) }
  }

  @Test("a whole generator is a mapping, JSON where the path says so")
  func files() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path
    let plan = try InjectionPlan(
      files: ["\(path)/db.json=db,\(path)/db.yaml=db,\(path)/one=db.username,\(path)/all.json=*"],
      generators: [db, id])
    let outputs = [db: ["username": SecretBytes("u"), "b": SecretBytes("1")], id: ["uuid": SecretBytes("2")]]
    try Injection(plan, values: [:], outputs: outputs).writeFiles()
    func content(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }
    #expect(try content("db.json") == "{\"b\": \"1\", \"username\": \"u\"}\n")
    #expect(try content("db.yaml") == "\"b\": \"1\"\n\"username\": \"u\"\n")
    #expect(try content("one") == "u")
    #expect(try content("all.json") == "{\"b\": \"1\", \"username\": \"u\", \"uuid\": \"2\"}\n")
  }

  @Test(
    "a server cannot choose a variable that decides what code runs, nor one without a name",
    arguments: [
      "ld-preload", "LD_LIBRARY_PATH", "path", "glibc.tunables", "bash_env", "", String(repeating: "x", count: 1_025),
    ])
  func reserved(key: String) throws {
    let plan = try InjectionPlan(environment: ["*"], generators: [db])
    let error = #expect(throws: InjectionError.self) { try variables(plan, [db: [key: "x"]]) }
    #expect(error?.message.contains("which a server may not choose") == true)
    #expect((error?.message.utf8.count ?? 0) < 500)
    let written = try InjectionPlan(environment: ["PATH=db.path"], generators: [db])
    #expect(try variables(written, [db: ["path": "/bin"]]) == ["PATH=/bin"])
  }

  @Test("a key cannot drive a terminal through an error")
  func hostileKeys() throws {
    let plan = try InjectionPlan(environment: ["A=db.user"], generators: [db])
    let keys = (0..<100).map { "\u{1B}[2J\($0)\n" + String(repeating: "x", count: 1_000) }
    let error = #expect(throws: InjectionError.self) {
      try variables(plan, [db: Dictionary(uniqueKeysWithValues: keys.map { ($0, "v") })])
    }
    let message = try #require(error?.message)
    #expect(!message.contains("\u{1B}") && !message.contains("\n") && message.utf8.count < 3_000)
    let file = try InjectionPlan(files: ["/run/f=db"], generators: [db])
    let binary = #expect(throws: InjectionError.self) {
      try Injection(file, values: [:], outputs: [db: ["\u{1B}[2J": SecretBytes([0xFF])]])
    }
    #expect(binary?.message.contains("\u{1B}") == false)
  }
}
