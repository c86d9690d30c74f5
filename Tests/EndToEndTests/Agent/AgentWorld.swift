import FederationAPI
import FederationServer
import Foundation
import JSON
import Logging
import Resources
import Synchronization
import TestSupport

/// A federation server whose store a test changes, and a place for the manifests and the output of an `ese-agent`.
final class AgentWorld: Sendable {
  static let issuerName = "https://cluster.example"
  let ca: TestCertificateAuthority
  let key: TestSigningKey
  let issuer: OIDCIssuer
  let directory: TemporaryDirectory
  private let secrets = Mutex<[(key: String, value: String)]>([])
  private let running: Mutex<FederationServer?>
  private let port: Mutex<UInt16>

  /// Starts issuer and server; the service account `app` may read the store `app` and use the generator `login`.
  init(_ secrets: [(key: String, value: String)]) async throws {
    ca = try TestCertificateAuthority()
    key = try TestSigningKey()
    issuer = try OIDCIssuer.start(
      certificate: ca.issue(label: "issuer"), issuer: Self.issuerName, keySet: TestSigningKey.keySet([key]))
    directory = try TemporaryDirectory()
    running = Mutex(nil)
    port = Mutex(0)
    self.secrets.withLock { $0 = secrets }
    try directory.write(ManifestText.federation("cluster", issuer.url), to: "server/federation.yaml")
    try directory.write(
      """
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: Password
      metadata: {name: login, namespace: default}
      spec: {length: 20}

      """, to: "server/generator.yaml")
    try grant(["app"], reloads: false)
    try writeStore()
    try await startServer()
    try directory.write(storeManifest(), to: "agent/store.yaml")
  }

  var server: FederationServer {
    get throws {
      guard let server = running.withLock({ $0 }) else { throw TestSupportError("the server is away") }
      return server
    }
  }

  /// Starts the server, at the port that it had before.
  func startServer() async throws {
    let certificate = try ca.issue(label: "federation")
    var configuration = ServerConfiguration(
      manifestDirectory: directory.path + "/server", host: "127.0.0.1", port: port.withLock { $0 },
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile,
      dataDirectory: directory.path + "/data")
    configuration.allowLoad()
    configuration.loops = 1
    configuration.watchesManifests = false
    let server = try await FederationServer.start(configuration, log: Log(level: .error))
    port.withLock { $0 = server.address.port }
    running.withLock { $0 = server }
  }

  func stopServer() async {
    await running.withLock { $0.take() }?.stop()
  }

  func stop() async {
    await stopServer()
    await issuer.stop()
  }

  // MARK: The server's side

  /// Replaces, adds or, with nil, removes a secret of the store `app`.
  func put(_ value: String?, _ key: String) throws {
    secrets.withLock { secrets in
      secrets.removeAll { $0.key == key }
      if let value { secrets.append((key, value)) }
    }
    try writeStore()
    try server.reload()
  }

  /// Replaces secrets of the store `app`, all in one reload.
  func put(_ changes: [String: String]) throws {
    secrets.withLock { secrets in
      secrets = secrets.map { ($0.key, changes[$0.key] ?? $0.value) }
    }
    try writeStore()
    try server.reload()
  }

  /// Which stores the agent may read; none at all with nil.
  func grant(_ stores: [String]?, reloads: Bool = true) throws {
    let grant = stores.map {
      ManifestText.authorization("grant", "cluster", issuer: Self.issuerName, stores: $0)
        + "  allowedGenerators: [{namespace: default, kind: Password, name: login}]\n"
    }
    try directory.write(grant ?? "", to: "server/grant.yaml")
    if reloads { try server.reload() }
  }

  private func writeStore() throws {
    try directory.write(ManifestText.store("app", secrets.withLock { $0 }), to: "server/app.yaml")
  }

  // MARK: The agent's side

  /// The token Secret and the FederationStore `remote` that uses it.
  func storeManifest(transport: String = "auto", url: String? = nil) throws -> String {
    let token = try key.token(ServiceAccountClaims(issuer: Self.issuerName))
    return """
      apiVersion: v1
      kind: Secret
      metadata: {name: agent, namespace: demo}
      stringData: {token: "\(token)"}
      ---
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: FederationStore
      metadata: {name: remote, namespace: demo}
      spec:
        server:
          url: "\(url ?? "https://127.0.0.1:\(port.withLock { $0 })")"
          transport: \(transport)
          caBundle: "\(Data(ca.certificatePEM).base64EncodedString())"
        store: app
        auth: {tokenSecretRef: {name: agent, key: token}}

      """
  }

  /// An ExternalSecret `name` with `spec` beside its `secretStoreRef`.
  static func externalSecret(_ name: String, _ spec: String, metadata: String = "") -> String {
    let lines = spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    return """
      apiVersion: external-secrets.io/v1
      kind: ExternalSecret
      metadata: {name: \(name), namespace: demo\(metadata.isEmpty ? "" : ", " + metadata)}
      spec:
        secretStoreRef: {kind: FederationStore, name: remote}
      \(lines.joined(separator: "\n"))

      """
  }

  /// Writes an agent's manifest.
  func write(_ manifest: String, _ name: String) throws { try directory.write(manifest, to: "agent/\(name).yaml") }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(directory.path)/agent/\(name).yaml")
  }

  var output: String { directory.path + "/out" }

  /// Starts an agent.
  func agent(_ arguments: [String] = []) throws -> ChildProgram {
    try ChildProgram(
      product: "ese-agent",
      arguments: ["--manifests", directory.path + "/agent", "--output", output] + arguments)
  }

  /// Starts an agent and waits until it has tried everything.
  func readyAgent(_ arguments: [String] = []) async throws -> ChildProgram {
    let agent = try agent(arguments)
    _ = try await agent.stdout.waitForLine(prefix: "ready")
    return agent
  }

  /// Has an agent reconcile everything once.
  func once(_ arguments: [String] = []) async throws -> (exit: ChildProgram.Exit, log: String) {
    let agent = try agent(["--once"] + arguments)
    let exit = await agent.wait()
    return (exit, agent.stderr.text)
  }

  /// The target Secret, as another reader of manifests sees it; nil when there is none.
  func secret(_ name: String) -> [String: String]? {
    guard FileManager.default.fileExists(atPath: path(name)) else { return nil }
    let secret = ManifestLoader.load(directory: path(name)).manifests.secrets.first
    return secret?.values.mapValues { $0.text ?? "(not UTF-8)" }
  }

  func path(_ name: String) -> String { "\(output)/demo/\(name).yaml" }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  /// Reason and message of the condition `Ready`.
  func ready(_ name: String) -> (reason: String, message: String)? {
    guard let bytes = FileManager.default.contents(atPath: "\(output)/.status/demo/\(name).json"),
      let condition = (try? JSONValue.parse(Array(bytes)))?["conditions"]?.array?.first
    else { return nil }
    return (condition["reason"]?.string ?? "", condition["message"]?.string ?? "")
  }

  /// Waits until `condition` holds, looking again whenever a while has passed.
  func wait(_ what: String, timeoutSeconds: Double = 30, until condition: () throws -> Bool) async throws {
    let deadline = MonotonicTime.now.advanced(bySeconds: timeoutSeconds)
    while try !condition() {
      guard MonotonicTime.now < deadline else { throw TestSupportError("not within \(timeoutSeconds) s: \(what)") }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
