import FederationAPI
import FederationServer
import Foundation
import GRPC
import HTTPClient
import JSON
import Ledger
import Logging
import TTRPC
import TestSupport
import Transport

/// A server with generators and a ledger, an issuer of service account tokens, and a client for each wire.
final class GeneratorWorld: Sendable {
  /// Made once a test run.
  static let shared = Task { try await GeneratorWorld() }

  static let issuer = "https://generators.example"
  /// An issuer that no Authorization names.
  static let foreignIssuer = "https://elsewhere.example"

  let ca: TestCertificateAuthority
  let key: TestSigningKey
  let strangerKey: TestSigningKey
  /// Of another cluster, of the same issuer, that publishes `key` beside it and comes first by name.
  let alienKey: TestSigningKey
  let server: FederationServer
  let directory: TemporaryDirectory
  let http: HTTPClient
  private let oidc: OIDCIssuer
  private let alienOIDC: OIDCIssuer
  private let group: EventLoopGroup
  private let rpc: TTRPCClient
  private let grpc: GRPCClient

  init() async throws {
    ca = try TestCertificateAuthority()
    key = try TestSigningKey()
    strangerKey = try TestSigningKey()
    alienKey = try TestSigningKey()
    oidc = try OIDCIssuer.start(
      certificate: ca.issue(label: "issuer"), issuer: Self.issuer, keySet: TestSigningKey.keySet([key]))
    alienOIDC = try OIDCIssuer.start(
      certificate: ca.issue(label: "alien"), issuer: Self.issuer, keySet: TestSigningKey.keySet([alienKey, key]))
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.path + "/manifests", withIntermediateDirectories: true)
    try directory.write(Self.manifests(oidc.url, alien: alienOIDC.url), to: "manifests/all.yaml")
    let certificate = try ca.issue(label: "federation")
    var configuration = ServerConfiguration(
      manifestDirectory: directory.path + "/manifests", host: "127.0.0.1", port: 0,
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile,
      dataDirectory: directory.path + "/data")
    configuration.allowLoad()
    configuration.loops = 1
    configuration.watchesManifests = false
    server = try await FederationServer.start(configuration, log: Log(level: .error))
    http = try HTTPClient(log: Log(level: .error))
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let port = server.address.port
    rpc = try await TTRPCClient.connect(.loopback(port, TTRPCClient.alpn, ca: ca), group: group)
    grpc = try await GRPCClient.connect(.loopback(port, GRPCClient.alpn, ca: ca), group: group)
  }

  /// The client of the ttrpc wire.
  var rpcClient: FederationRPCClient { FederationRPCClient(client: rpc) }

  /// The client of the gRPC wire.
  var grpcClient: FederationRPCClient { FederationRPCClient(client: grpc) }

  /// The ledger of the server, opened a second time as an operator's command does.
  func openLedger() async throws -> any Ledger { try await LedgerLocation.directory(directory.path + "/data").open() }

  /// A token of the service account `account` in `apps`, with `pod` unless that is nil.
  func token(
    _ account: String = "app", pod: String? = "app-0", issuer: String = GeneratorWorld.issuer,
    claims: [String: JSONValue?] = [:], signedBy signer: TestSigningKey? = nil
  ) throws -> String {
    var made = ServiceAccountClaims(issuer: issuer, serviceAccount: account)
    made.serviceAccountUID = "uid-of-\(account)"
    made.pod = pod.map { ($0, "uid-of-\($0)") }
    return try (signer ?? key).token(made.overriding(claims))
  }

  private static func manifests(_ url: String, alien: String) -> String {
    func grant(
      _ account: String, generators: String, states: String = "[]", federation: String = "cluster"
    ) -> String {
      """
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: \(account)-of-\(federation)}
      spec:
        federationRef: {kind: KubernetesFederation, name: \(federation)}
        subject: {oidc: {issuer: "\(issuer)", subject: "system:serviceaccount:apps:\(account)"}}
        allowedGenerators: [\(generators)]
        allowedGeneratorStates: \(states)
      ---

      """
    }
    func allow(_ namespace: String, _ kind: String, _ name: String) -> String {
      "{namespace: \(namespace), kind: \(kind), name: \(name)}"
    }
    let both = [
      allow("team", "Fake", "fixed"), allow("team", "Password", "database"), allow("team", "UUID", "missing"),
    ]
    return """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: cluster}
      spec: {url: "\(url)", audiences: ["https://kubernetes.default.svc"]}
      ---
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: alien}
      spec: {url: "\(alien)", audiences: ["https://kubernetes.default.svc"]}
      ---
      \(grant("app", generators: both.joined(separator: ", ")))
      \(grant("sibling", generators: both.joined(separator: ", ")))
      \(grant("shared", generators: both.joined(separator: ", ")))
      \(grant("shared", generators: both.joined(separator: ", "), federation: "alien"))
      \(grant("operator", generators: "", states: "[{namespace: team}]"))
      \(grant("other-app", generators: allow("rivals", "Password", "database"), states: "[{namespace: rivals}]"))
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: Fake
      metadata: {name: fixed, namespace: team}
      spec: {data: {user: "a<b>&c", "b": "line\\nbreak", B: ""}}
      ---
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: Password
      metadata: {name: database, namespace: team}
      spec: {length: 20}
      ---
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: Password
      metadata: {name: database, namespace: rivals}
      spec: {length: 20}

      """
  }
}
