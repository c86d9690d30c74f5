import FederationAPI
import FederationClient
import FederationServer
import Foundation
import GRPC
import Logging
import Synchronization
import TTRPC
import TestSupport
import Testing
import Transport

/// A server with a store in its manifests and an embedded one, and a client for each wire that has streams.
final class WatchWorld: Sendable {
  enum Wire: String, CaseIterable, Sendable {
    case ttrpc, grpc
  }

  static let issuer = "https://watch.example"

  private let configuration: ServerConfiguration
  private let running: Mutex<FederationServer>
  private let ca: TestCertificateAuthority
  private let key: TestSigningKey
  private let oidc: OIDCIssuer
  private let directory: TemporaryDirectory
  private let group: EventLoopGroup

  init(_ change: (inout ServerConfiguration) -> Void = { _ in }) async throws {
    ca = try TestCertificateAuthority()
    key = try TestSigningKey()
    oidc = try OIDCIssuer.start(
      certificate: ca.issue(label: "issuer"), issuer: Self.issuer, keySet: TestSigningKey.keySet([key]))
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: directory.path + "/manifests", withIntermediateDirectories: true)
    try directory.write(Self.manifests(oidc.url, value: "first", stores: ["app", "vault"]), to: "manifests/all.yaml")
    let certificate = try ca.issue(label: "federation")
    var configuration = ServerConfiguration(
      manifestDirectory: directory.path + "/manifests", host: "127.0.0.1", port: 0,
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile,
      dataDirectory: directory.path + "/data")
    configuration.allowLoad()
    configuration.loops = 1
    configuration.watchesManifests = false
    change(&configuration)
    let server = try await FederationServer.start(configuration, log: Log(level: .error))
    running = Mutex(server)
    configuration.port = server.address.port
    self.configuration = configuration
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
  }

  var server: FederationServer { running.withLock { $0 } }

  /// Stops the server and starts another on its port.
  func restart() async throws {
    await server.stop()
    let next = try await FederationServer.start(configuration, log: Log(level: .error))
    running.withLock { $0 = next }
  }

  func federationClient(_ transport: FederationTransport, token: TokenSource) throws -> FederationClient {
    try FederationClient(
      configuration: FederationClientConfiguration(
        server: ServerAddress(parsing: "https://127.0.0.1:\(server.address.port)"), transport: transport, token: token,
        caFile: ca.certificateFile))
  }

  private static func manifests(_ url: String, value: String, stores: [String], federation: Bool = true) -> String {
    var parts = [
      ManifestText.authorization("app", "cluster", issuer: issuer, stores: stores),
      ManifestText.store("app", [("key", value), ("other", "constant")]), ManifestText.store("hidden", [("key", "x")]),
      """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: vault}
      spec: {provider: {local: {}}}

      """,
    ]
    if federation { parts.append(ManifestText.federation("cluster", url)) }
    return parts.joined(separator: "---\n")
  }

  /// Changes the manifests: what `key` of store `app` is, and what may be read.
  func reload(value: String, stores: [String] = ["app", "vault"]) throws {
    try directory.write(Self.manifests(oidc.url, value: value, stores: stores), to: "manifests/all.yaml")
    server.reload()
  }

  /// Stores a value with the program that operators use.
  func put(_ value: String, _ key: String) async throws {
    let child = try ChildProgram(
      product: "federation-server",
      arguments: ["secret", "put", "--data", directory.path + "/data", "vault", key], stdin: Array(value.utf8))
    #expect(await child.wait() == .status(0))
  }

  func client(_ wire: Wire) async throws -> FederationRPCClient {
    let port = server.address.port
    let calling: any RPCCalling =
      switch wire {
      case .ttrpc: try await TTRPCClient.connect(.loopback(port, TTRPCClient.alpn, ca: ca), group: group)
      case .grpc: try await GRPCClient.connect(.loopback(port, GRPCClient.alpn, ca: ca), group: group)
      }
    return FederationRPCClient(client: calling)
  }

  func token(_ account: String = "app", lifetime: Int64 = 3_600) throws -> String {
    try key.token(ServiceAccountClaims(issuer: Self.issuer, serviceAccount: account, lifetime: lifetime))
  }

  func request(_ secrets: [(String, String)], after: UInt64 = 0) -> WatchSecretsRequest {
    WatchSecretsRequest(
      secrets: secrets.map { SecretReference(store: $0.0, key: $0.1) }, afterRevision: after,
      caCertificates: ca.certificatePEM)
  }

  /// The bundle that verifies the issuer, and the server; and the file that holds it.
  var caCertificates: [UInt8] { ca.certificatePEM }
  var certificateFile: String { ca.certificateFile }

  func stop() async {
    await server.stop()
    await group.shutDown(graceSeconds: 0)
    await oidc.stop()
  }
}

extension WatchSecretsCall {
  /// The next event that is no heartbeat.
  func change() async throws(RPCError) -> WatchSecretsEvent {
    while true {
      let event = try await next()
      if event.kind != .heartbeat { return event }
    }
  }

  /// What the watch ends with.
  func failure() async -> RPCError? {
    while true {
      do throws(RPCError) { _ = try await next() } catch { return error }
    }
  }
}
