import FederationAPI
import Foundation
import JSON
import Synchronization
import TTRPC
import TestSupport
import Testing
import Transport

/// A `federation-server serve` process of its own, with an issuer and manifests that grant one subject two stores.
final class ServedFederation: Sendable {
  static let keyCount = 20
  static let subject = "system:serviceaccount:demo:app"

  /// The value that the fake store holds for `name`.
  static func value(of name: String) -> String { "value of \(name), quite ordinary" }

  let authority: TestCertificateAuthority
  let issuer: OIDCIssuer
  let signingKey: TestSigningKey
  let directory: TemporaryDirectory
  let process: ChildProgram
  let port: UInt16
  let token: String
  private let held = Mutex<[FederationRPCClient]>([])

  var manifestDirectory: String { directory.path + "/manifests" }
  var dataDirectory: String { directory.path + "/data" }
  var credentials: FederationRPCClient.Credentials { .init(token: token) }

  /// Starts issuer and server and waits until the server is ready.
  static func start(loops: Int = 1, arguments: [String] = []) async throws -> ServedFederation {
    let authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    let key = try TestSigningKey()
    let issuer = try OIDCIssuer.start(
      certificate: certificate, keySet: TestSigningKey.keySet([key]), requiresToken: true)
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: directory.path + "/manifests", withIntermediateDirectories: true)
    _ = try directory.write(manifests(issuer: issuer.url), to: "manifests/all.yaml")
    let process = try ChildProgram.server(
      certificate,
      [
        "--config", directory.path + "/manifests", "--data", directory.path + "/data", "--loops", String(loops),
        // One identity on one address makes all the load of these tests.
        "--requests-per-identity", "1000000", "--requests-per-address", "1000000",
      ] + arguments)
    let port = try await process.servedPort()
    let claims = ServiceAccountClaims(issuer: issuer.url, namespace: "demo", serviceAccount: "app")
    return ServedFederation(
      authority, issuer, key, directory, process, port, token: try key.token(claims))
  }

  private init(
    _ authority: TestCertificateAuthority, _ issuer: OIDCIssuer, _ signingKey: TestSigningKey,
    _ directory: TemporaryDirectory, _ process: ChildProgram, _ port: UInt16, token: String
  ) {
    self.authority = authority
    self.issuer = issuer
    self.signingKey = signingKey
    self.directory = directory
    self.process = process
    self.port = port
    self.token = token
  }

  /// One subject may read stores `fake` and `vault`.
  static func manifests(
    issuer: String, stores: String = "[fake, vault]", value: (String) -> String = ServedFederation.value
  ) -> String {
    let data = (0..<keyCount).map { "          - {key: key-\($0), value: \"\(value("key-\($0)"))\"}" }
    return """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: cluster-a}
      spec: {url: "\(issuer)"}
      ---
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: app}
      spec:
        federationRef: {kind: KubernetesFederation, name: cluster-a}
        subject: {oidc: {issuer: "\(issuer)", subject: "\(subject)"}}
        allowedClusterSecretStores: \(stores)
      ---
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: fake}
      spec:
        provider:
          fake:
            data:
      \(data.joined(separator: "\n"))
      ---
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: vault}
      spec: {provider: {local: {}}}

      """
  }

  /// Replaces the manifests, as an operator's editor would: a new file renamed over the old one.
  func rewriteManifests(_ text: String) throws {
    let fresh = try directory.write(text, to: "fresh.yaml")
    guard rename(fresh, manifestDirectory + "/all.yaml") == 0 else { throw TestSupportError("rename failed") }
  }

  func request(_ name: String, store: String = "fake") -> GetSecretRequest {
    GetSecretRequest(store: store, name: name, caCertificates: authority.certificatePEM)
  }

  func connect(in group: EventLoopGroup) async throws -> FederationRPCClient {
    let target = try DialTarget.loopback(port, TTRPCClient.alpn, ca: authority, timeoutSeconds: 60)
    return FederationRPCClient(client: try await TTRPCClient.connect(target, group: group))
  }

  /// One call that must succeed, so that keys and token are known to the server afterwards.
  func roundTrip(in group: EventLoopGroup) async throws {
    let client = try await connect(in: group)
    let value = try await client.getSecret(request("key-1"), credentials: credentials)
    #expect(value.text == ServedFederation.value(of: "key-1"))
    client.close()
  }

  // MARK: The process

  func hold(_ client: FederationRPCClient) { held.withLock { $0.append(client) } }
  func releaseHeld() {
    for client in held.withLock({ held in
      defer { held = [] }; return held
    }) { client.close() }
  }

  func terminate() { process.signal(SIGTERM) }
  func exit() async -> ChildProgram.Exit { await process.wait() }

  /// Terminates, and gives the exit status.
  func stop() async -> ChildProgram.Exit {
    terminate()
    let exit = await exit()
    await issuer.stop()
    return exit
  }

  func countLogLines(containing text: String) -> Int {
    process.stderr.text.split(separator: "\n").count { $0.contains(text) }
  }

  func residentBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return (Int(line.split(separator: " ")[1]) ?? 0) << 10
  }

  /// Resident memory once it is below `bound`, or after 10 s: the server frees as it sees its peers' ends.
  func settledResidentBytes(below bound: Int) async throws -> Int {
    for _ in 0..<100 {
      let now = try residentBytes()
      if now < bound { return now }
      try await Task.sleep(for: .milliseconds(100))
    }
    return try residentBytes()
  }
}
