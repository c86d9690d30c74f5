import FederationAPI
import Foundation
import HTTP1
import JSON
import TestSupport
import Testing

/// A server process that holds secrets of every kind, with what it depends on.
final class ExposedFederation: Sendable {
  static let generators = [
    "Fake", "Password", "SSHKey", "BasicAuth", "MFA", "Webhook", "PostgreSql", "VaultDynamicSecret",
  ].map { GeneratorReference(namespace: "apps", kind: $0, name: "it") }
  static var grantedGenerators: String {
    generators.map { "{namespace: apps, kind: \($0.kind), name: it}" }.joined(separator: ", ")
  }
  static let grantedStores = ["app", "vault"] + ExposedBackends.stores
  /// A name of the manifests that is no secret: a search that does not find it finds nothing.
  static let control = "a-name-that-is-no-secret-of-anybody"

  /// What libpq keeps as long as a connection is open, for no use: SCRAM's copy. It may be in a core, and nowhere else.
  static let keptByLibrary: Set = ["password of PostgreSQL's administrator", "password of the ledger"]

  let hidden = HiddenValues()
  let authority: TestCertificateAuthority
  let issuer: OIDCIssuer
  let key: TestSigningKey
  let process: ChildProgram
  let port: UInt16
  let spiffePort: UInt16
  let identities: ExposedIdentities
  private let backends: ExposedBackends
  private let webhook: HTTPSServer
  private let directory: TemporaryDirectory

  init() async throws {
    let hidden = hidden
    authority = try TestCertificateAuthority()
    key = try TestSigningKey()
    issuer = try OIDCIssuer.start(
      certificate: authority.issue(label: "issuer"), keySet: TestSigningKey.keySet([key]), requiresToken: true)
    webhook = try HTTPSServer(authority: authority) { request in
      guard request.head.fields["authorization"] != nil else { return HTTPServerResponse(status: 401) }
      let answer = "{\"password\": \"\(hidden.text("value of the webhook"))\"}"
      return HTTPServerResponse(status: 200, body: .plain(Array(answer.utf8)))
    }
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: directory.path + "/manifests", withIntermediateDirectories: true)
    let put = try ChildProgram(
      product: "federation-server",
      arguments: ["secret", "put", "--data", directory.path + "/data", "vault", "stored"],
      stdin: Array(hidden.text("value of the embedded store").utf8))
    #expect(await put.wait() == .status(0))
    hidden.add(
      "key of the embedded store", Array(try Data(contentsOf: URL(filePath: directory.path + "/data/secrets.key"))))
    // Of an RSA key, OpenSSL keeps the primes where a core shows them: docs/SECURITY.md.
    let certificate = try authority.issue(label: "federation")
    try hidden.add("TLS key", keyPEM: certificate.keyPEM)
    identities = try await ExposedIdentities(authority, hidden)
    backends = try ExposedBackends(authority, hidden)
    let database = try await PostgreSQLServer.shared()
    hidden.add("password of PostgreSQL's administrator", database.password)
    try identities.write(to: directory.path + "/manifests/identities.yaml")
    try backends.manifests.write(
      to: URL(filePath: directory.path + "/manifests/backends.yaml"), atomically: true, encoding: .utf8)
    try Self.manifests(issuer.url, webhook.url, authority, hidden, database, round: 1)
      .write(to: URL(filePath: directory.path + "/manifests/all.yaml"), atomically: true, encoding: .utf8)
    var environment = ProcessInfo.processInfo.environment
    environment["OF_A_STORE"] = hidden.text("variable of the environment")
    environment["FEDERATION_LEDGER"] = try await database.makeDatabase(
      ownedBy: "ledger", password: hidden.text("password of the ledger"))
    let svid = try identities.serverSVID.write(to: directory)
    process = try ChildProgram.server(
      certificate,
      [
        "--config", directory.path + "/manifests", "--data", directory.path + "/data",
        "--spiffe-listen", "127.0.0.1:0", "--spiffe-svid", svid.certificate, "--spiffe-key", svid.key,
        "--loops", "2", "--log-level", "debug",
      ], environment: environment)
    let ports = try await process.servedPorts()
    (port, spiffePort) = (try #require(ports.first), try #require(ports.last))
  }

  /// Replaces every value of the manifests, and waits until the server has read them.
  func reload() async throws {
    let database = try await PostgreSQLServer.shared()
    let text = Self.manifests(issuer.url, webhook.url, authority, hidden, database, round: 2)
    try text.write(to: URL(filePath: directory.path + "/fresh.yaml"), atomically: true, encoding: .utf8)
    guard rename(directory.path + "/fresh.yaml", directory.path + "/manifests/all.yaml") == 0 else {
      throw TestSupportError("rename failed")
    }
    // The server watches the directory.
    _ = try await process.stderr.waitForLine(containing: "\"event\":\"manifests_reloaded\"")
  }

  /// A token of the service account `account` that no other test's is like.
  func token(_ name: String, _ account: String = "app", lifetime: Int64 = 3_600) throws -> String {
    let claims = ServiceAccountClaims(issuer: issuer.url, serviceAccount: account, lifetime: lifetime)
    return hidden.add(name, token: try key.token(claims.overriding(["jti": .string(UUID().uuidString)])))
  }

  func stop() async {
    process.signal(SIGTERM)
    #expect(await process.wait() == .status(0))
    await issuer.stop()
    await webhook.stop()
    await identities.stop()
    await backends.stop()
  }

  private static func manifests(
    _ issuer: String, _ webhook: String, _ authority: TestCertificateAuthority, _ hidden: HiddenValues,
    _ database: PostgreSQLServer, round: Int
  ) -> String {
    let document = "{\"password\":\"\(hidden.text("member of round \(round)"))\"}"
    let kinds = [
      ("Fake", "{data: {password: \"\(hidden.text("value of the generator Fake of round \(round)"))\"}}"),
      ("Password", "{length: 40, allowRepeat: true}"), ("SSHKey", "{keyType: ed25519}"),
      ("BasicAuth", "{password: {length: 40, allowRepeat: true}}"), ("MFA", "{secret: {name: backend, key: seed}}"),
      (
        "Webhook",
        """
        {url: "\(webhook)/it?x={{ .vendor.query }}", headers: {Authorization: "Bearer {{ .vendor.token }}"},
            body: '{"secret":{{ .vendor.body | toJson }}}', method: POST, caBundle: \(Data(authority.certificatePEM).base64EncodedString()),
            secrets: [{name: vendor, secretRef: {name: backend}}]}
        """
      ),
      (
        "PostgreSql",
        """
        {host: 127.0.0.1, port: \(database.port), sslMode: disable, user: {username: ese, destructiveCleanup: true},
            auth: {username: \(PostgreSQLServer.user), password: {name: backend, key: database}}}
        """
      ),
    ]
    return """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: \(control)}
      spec: {url: "\(issuer)"}
      ---
      \(ManifestText.authorization("app", control, issuer: issuer, stores: grantedStores))  allowedGenerators: [\(grantedGenerators)]
      ---
      \(ManifestText.store("app", [
        ("plain", hidden.text("value of round \(round)", of: HiddenValues.symbols)),
        ("long", hidden.text("long value of round \(round)", count: 20_000)), ("document", document),
      ]))
      ---
      \(ManifestText.store("other", [("plain", hidden.text("value that nobody asks for of round \(round)"))]))
      ---
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: vault}
      spec: {provider: {local: {}}}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: backend, namespace: apps}
      stringData:
        seed: \(hidden.text("seed of round \(round)", count: 32, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
        database: "\(database.password)"
        token: \(hidden.text("token for the webhook of round \(round)"))
        query: "\(hidden.text("query for the webhook of round \(round)", of: HiddenValues.symbols))"
      data:
        body: \(Data(hidden.text("body for the webhook of round \(round)", of: HiddenValues.symbols).utf8).base64EncodedString())

      """
        + kinds.map { kind, spec in
          """
          ---
          apiVersion: generators.external-secrets.io/v1alpha1
          kind: \(kind)
          metadata: {name: it, namespace: apps}
          spec: \(spec)

          """
        }.joined()
  }
}
