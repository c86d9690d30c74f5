import FederationAPI
import Ledger
import PostgreSQL
import SQLite
import TestSupport
import Testing

/// The databases that every case is run against.
enum LedgerBackend: String, CaseIterable, CustomTestStringConvertible {
  case sqlite = "SQLite"
  case postgreSQL = "PostgreSQL"

  var testDescription: String { rawValue }

  /// A place for a ledger that nobody else uses.
  func place() async throws -> LedgerPlace {
    switch self {
    case .sqlite:
      let directory = try TemporaryDirectory()
      return LedgerPlace(location: .directory(directory.path), directory: directory)
    case .postgreSQL:
      return LedgerPlace(
        location: .postgreSQL(SecretBytes(try await PostgreSQLServer.shared().makeDatabase())), directory: nil)
    }
  }
}

/// Where a case's ledger is; several may be opened on it, as by several processes.
struct LedgerPlace {
  let location: LedgerLocation
  /// Goes away with the place.
  let directory: TemporaryDirectory?

  func open() async throws -> any Ledger { try await location.open() }

  /// Runs `sql` behind the ledger's back.
  @discardableResult
  func run(_ sql: String) async throws -> [[String?]] { try await RawDatabase(self).run(sql) }
}

/// A connection to a ledger's database that knows nothing of ledgers, and keeps what it has compiled.
final class RawDatabase {
  private let pool: PostgreSQLPool?
  private let connection: DatabaseConnection?
  private var statements: [String: Statement] = [:]

  init(_ place: LedgerPlace) throws {
    switch place.location {
    case .directory(let path): (pool, connection) = (nil, try DatabaseConnection(path: path + "/ledger.db"))
    case .postgreSQL(let url):
      (pool, connection) = (PostgreSQLPool(try PostgreSQLSettings(parsing: url.text ?? ""), maximum: 1), nil)
    }
  }

  @discardableResult
  func run(_ sql: String) async throws -> [[String?]] {
    if let pool {
      return try await pool.withConnection(timeoutSeconds: 60) { connection throws(PostgreSQLError) in
        try connection.query(sql).rows
      }
    }
    let statement = try statements[sql] ?? (try #require(connection)).prepare(sql)
    statements[sql] = statement
    return try statement.all { row in (0..<row.count).map { row.isNull($0) ? nil : row.text($0) } }
  }
}

extension IdentityReference {
  static func workload(
    _ subject: String, provider: String = "https://a.example", federations: Set<String> = ["a"]
  ) -> IdentityReference {
    IdentityReference(
      method: .oidc, provider: provider, subject: subject, federations: Set(federations.map { .cluster($0) }))
  }
}

extension FederationReference {
  static func cluster(_ name: String) -> FederationReference {
    FederationReference(kind: "KubernetesFederation", name: name)
  }
}

extension GeneratorState {
  static func made(
    _ name: String, by ledger: any Ledger, owner: String = "pod-1", expires: Int64? = 2_000, created: Int64 = 1_000,
    generator: String = "db", identity: IdentityReference = .workload("s")
  ) -> GeneratorState {
    GeneratorState(
      name: name, generator: GeneratorReference(namespace: "apps", kind: "PostgreSql", name: generator),
      owner: Owner(
        name: owner, label: owner, attributes: ["namespace": "n", "pod-uid": "\"\u{0}ü"],
        workload: WorkloadBinding(kind: "Pod", name: owner, uid: "u", namespace: "n")),
      identity: identity, resource: "{\"a\":1}", state: "{}", instance: ledger.instance, createdAtSeconds: created,
      expiresAtSeconds: expires)
  }

  var credential: IssuedCredential {
    IssuedCredential(
      source: .generator(generator, stateName: name), workload: owner.workload, lastIssuedAtSeconds: createdAtSeconds)
  }
}

extension AuditEntry {
  static func made(
    _ target: String, at time: Int64 = 1, action: Action = .generate, outcome: String = "ok", subject: String? = "s"
  ) -> AuditEntry {
    AuditEntry(
      atMilliseconds: time, action: action, outcome: outcome,
      identity: subject.map { AuditIdentity(method: .oidc, provider: "https://a.example", subject: $0) },
      target: target, stateName: nil, owner: "o", peer: "127.0.0.1:1", detail: nil)
  }
}

extension StateFilter {
  static func matching(_ change: (inout StateFilter) -> Void) -> StateFilter {
    var filter = StateFilter()
    change(&filter)
    return filter
  }
}

extension Ledger {
  func confirm(_ state: GeneratorState) async throws -> Bool {
    try await confirm(state.name, lease: nil, issued: state.credential, to: state.identity, audit: .made(state.name))
  }
  func names(_ filter: StateFilter = StateFilter()) async throws -> [String] {
    try await states(filter, limit: 1_000).map(\.name)
  }
  func targets(_ filter: AuditFilter = AuditFilter(), limit: Int = 1_000) async throws -> [String] {
    try await audit(filter, limit: limit).map(\.target)
  }
}
