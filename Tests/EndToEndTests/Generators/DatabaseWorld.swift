import FederationAPI
import Foundation
import Glibc
import JSON
import Ledger
import Logging
import PostgreSQL
import TTRPC
import TestSupport
import Transport

/// A PostgreSQL server whose roles are generated, and what starts federation servers over it: as programs of their own,
/// so that they can be killed.
final class DatabaseWorld: Sendable {
  /// Where the servers keep their ledger.
  enum LedgerKind: String, CaseIterable, Sendable {
    case sqlite
    case postgresql
  }

  static let issuer = "https://databases.example"
  static let role = GeneratorReference(namespace: "team", kind: "PostgreSql", name: "orders")
  /// As ``role``, but what it makes lives for two seconds.
  static let shortLived = GeneratorReference(namespace: "team", kind: "PostgreSql", name: "brief")

  let database: PostgreSQLServer
  let ca: TestCertificateAuthority
  let directory: TemporaryDirectory
  let group: EventLoopGroup
  private let ledgerKind: LedgerKind
  private let ledgerURL: String
  private let key: TestSigningKey
  private let oidc: OIDCIssuer
  private let certificate: TestCertificateAuthority.ServerCertificate

  init(_ ledgerKind: LedgerKind) async throws {
    self.ledgerKind = ledgerKind
    database = try await PostgreSQLServer()
    ledgerURL = try await database.makeDatabase()
    ca = try TestCertificateAuthority()
    key = try TestSigningKey()
    oidc = try OIDCIssuer.start(
      certificate: ca.issue(label: "issuer"), issuer: Self.issuer, keySet: TestSigningKey.keySet([key]))
    certificate = try ca.issue(label: "federation")
    directory = try TemporaryDirectory()
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    try FileManager.default.createDirectory(
      atPath: directory.path + "/manifests", withIntermediateDirectories: true)
    let file = try directory.write(manifests, to: "manifests/all.yaml")
    chmod(file, 0o600)
  }

  /// Starts a federation server and waits until it is ready.
  func startServer() async throws -> ServerProcess {
    let process = try ChildProgram.server(
      certificate,
      ["--config", directory.path + "/manifests", "--loops", "1"]
        + (ledgerKind == .sqlite ? ["--data", directory.path + "/data"] : []), environment: environment)
    return ServerProcess(process: process, port: try await process.servedPort())
  }

  /// A `federation-server` command on the ledger.
  func command(_ words: String...) throws -> ChildProgram {
    try ChildProgram(
      product: "federation-server",
      arguments: words + (ledgerKind == .sqlite ? ["--data", directory.path + "/data"] : []), environment: environment)
  }

  private var environment: [String: String] {
    var environment = ProcessInfo.processInfo.environment
    if ledgerKind == .postgresql { environment["FEDERATION_LEDGER"] = ledgerURL }
    return environment
  }

  /// The ledger, as an operator's command opens it.
  func openLedger() async throws -> any Ledger {
    try await
      (ledgerKind == .sqlite ? .directory(directory.path + "/data") : LedgerLocation.postgreSQL(SecretBytes(ledgerURL)))
      .open()
  }

  /// Credentials of a service account token of `app`, for the pod `pod`.
  func credentials(pod: String) throws -> FederationRPCClient.Credentials {
    var claims = ServiceAccountClaims(issuer: Self.issuer)
    claims.pod = (pod, "uid-of-\(pod)")
    return .init(token: try key.token(claims))
  }

  /// A connection of its own to `server`.
  func connect(_ server: ServerProcess) async throws -> FederationRPCClient {
    let target = try DialTarget.loopback(server.port, TTRPCClient.alpn, ca: ca, timeoutSeconds: 20)
    return FederationRPCClient(client: try await TTRPCClient.connect(target, group: group))
  }

  // MARK: What is there

  /// Names of the generated roles.
  func roles() async throws -> Set<String> {
    let rows = try await database.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'ese\\_%'")
    return Set(rows.compactMap { $0[0] })
  }

  /// Whether the login works.
  func logsIn(_ values: [String: SecretBytes]) async throws -> Bool {
    guard let user = values["username"]?.text, let password = values["password"] else { return false }
    var settings = try PostgreSQLSettings(parsing: database.url())
    settings.parameters["user"] = user
    settings.password = password
    let pool = PostgreSQLPool(settings, maximum: 1)
    defer { pool.close() }
    do throws(PostgreSQLError) {
      return try await pool.withConnection(timeoutSeconds: 20) { connection throws(PostgreSQLError) in
        try connection.query("SELECT current_user").rows == [[user]]
      }
    } catch { return false }
  }

  /// Every state in the ledger.
  func states() async throws -> [GeneratorState] {
    let ledger = try await openLedger()
    let states = try await ledger.states(StateFilter(), limit: 100_000)
    await ledger.close()
    return states
  }

  /// How many states are neither live nor gone once the reaper had time for a pass.
  func settled() async throws -> Int {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      let leftovers = try await states().count { $0.phase != .live }
      if leftovers == 0 || ContinuousClock.now > deadline { return leftovers }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// The role that `state` is about.
  static func role(of state: GeneratorState) -> String {
    (try? JSONValue.parse(Array(state.state.utf8)))?["username"]?.string ?? ""
  }

  private var manifests: String {
    func generator(_ name: String, _ more: String) -> String {
      """
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: PostgreSql
      metadata: {name: \(name), namespace: team}
      spec:
        host: 127.0.0.1
        port: \(database.port)
        auth: {username: \(PostgreSQLServer.user), password: {name: admin, key: password}}
        user: {username: ese, destructiveCleanup: true}
        sslMode: disable
      \(more)
      ---

      """
    }
    return """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: cluster}
      spec: {url: "\(oidc.url)"}
      ---
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: app}
      spec:
        federationRef: {kind: KubernetesFederation, name: cluster}
        subject: {oidc: {issuer: "\(Self.issuer)", subject: "system:serviceaccount:apps:app"}}
        allowedClusterSecretStores: [fixed]
        allowedGenerators:
          - {namespace: team, kind: PostgreSql, name: orders}
          - {namespace: team, kind: PostgreSql, name: brief}
        allowedGeneratorStates: [{namespace: team}]
      ---
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: fixed}
      spec: {provider: {fake: {data: [{key: k, value: v}]}}}
      ---
      \(generator("orders", ""))
      \(generator("brief", "  leaseDuration: 2s"))
      apiVersion: v1
      kind: Secret
      metadata: {name: admin, namespace: team}
      stringData: {password: \(database.password)}

      """
  }
}

/// A running federation server.
struct ServerProcess: Sendable {
  let process: ChildProgram
  let port: UInt16

  /// Ends it as a crash does.
  func kill() async {
    process.signal(SIGKILL)
    _ = await process.wait()
  }

  /// Ends it as an operator does.
  func stop() async -> ChildProgram.Exit {
    process.signal(SIGTERM)
    return await process.wait()
  }
}
