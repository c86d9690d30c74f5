import FederationAPI
import FederationServer
import Foundation
import GRPC
import HTTPClient
import JSON
import Logging
import TTRPC
import TestSupport
import Transport

/// A server with a store of 1,000 secrets, one in Vault's stand-in, a generator and a ledger, and a client for each wire.
final class ResolveWorld: Sendable {
  /// Made once a test run.
  static let shared = Task { try await ResolveWorld() }

  static let issuer = "https://resolve.example"

  let ca: TestCertificateAuthority
  private let key: TestSigningKey
  private let server: FederationServer
  private let directory: TemporaryDirectory
  private let http: HTTPClient
  private let oidc: OIDCIssuer
  private let vault: VaultServer
  private let group: EventLoopGroup
  private let rpc: TTRPCClient
  private let grpc: GRPCClient

  init() async throws {
    ca = try TestCertificateAuthority()
    key = try TestSigningKey()
    oidc = try OIDCIssuer.start(
      certificate: ca.issue(label: "issuer"), issuer: Self.issuer, keySet: TestSigningKey.keySet([key]))
    vault = try await VaultServer()
    for (key, team) in [("one", "a"), ("two", "a"), ("three", "b")] {
      try await vault.put(key, ["v": .string(key)])
      try await vault.tag(key, ["team": .string(team), "env": .string(key == "two" ? "dev" : "prod")])
    }
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: directory.path + "/manifests", withIntermediateDirectories: true)
    let secrets =
      (0..<1_000).map { (key: "key-\($0)", value: "value \($0)") } + [
        (key: "doc", value: "{\"user\":\"a<b>\",\"port\":5432}"), (key: "bytes", value: "/w=="),
      ]
    let manifests = [
      ManifestText.federation("cluster", oidc.url),
      ManifestText.authorization("app", "cluster", issuer: Self.issuer, stores: ["app", "vault"])
        + "  allowedGenerators: [{namespace: default, kind: Fake, name: fixed}]\n",
      ManifestText.store("app", secrets), ManifestText.store("other", [("key", "of other")]),
      """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: vault}
      spec:
        provider:
          vault:
            server: \(vault.url)
            caBundle: \(Data(vault.authority.certificatePEM).base64EncodedString())
            path: secret
            auth: {tokenSecretRef: {name: vault}}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: vault}
      stringData: {token: \(VaultServer.rootToken)}

      """,
      """
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: Fake
      metadata: {name: fixed, namespace: default}
      spec: {data: {login: generated}}

      """,
    ]
    try directory.write(manifests.joined(separator: "---\n"), to: "manifests/all.yaml")
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
    rpc = try await TTRPCClient.connect(.loopback(server.address.port, TTRPCClient.alpn, ca: ca), group: group)
    grpc = try await GRPCClient.connect(.loopback(server.address.port, GRPCClient.alpn, ca: ca), group: group)
  }

  var client: FederationRPCClient { FederationRPCClient(client: rpc) }

  func credentials(_ account: String = "app") throws -> FederationRPCClient.Credentials {
    .init(token: try key.token(ServiceAccountClaims(issuer: Self.issuer, serviceAccount: account)))
  }

  func batch(
    _ secrets: [SecretReference], _ credentials: FederationRPCClient.Credentials
  ) async -> Result<[Result<SecretBytes, RPCError>], RPCError> {
    do throws(RPCError) {
      return .success(
        try await client.batchGetSecrets(
          BatchGetSecretsRequest(secrets: secrets, caCertificates: ca.certificatePEM), credentials: credentials))
    } catch {
      return .failure(error)
    }
  }

  /// Over ttrpc and over gRPC, as the HTTP API would answer.
  func resolveOverRPC(
    data: String, dataFrom: String, store: String, account: String
  ) async throws -> [GeneratorAnswer] {
    var answers: [GeneratorAnswer] = []
    for client in [rpc, grpc] as [any RPCCalling] {
      answers.append(
        try await resolve(
          FederationRPCClient(client: client), data: data, dataFrom: dataFrom, store: store, account: account))
    }
    return answers
  }

  private func resolve(
    _ client: FederationRPCClient, data: String, dataFrom: String, store: String, account: String
  ) async throws -> GeneratorAnswer {
    let request = ResolveExternalSecretRequest(
      store: store, data: Array(data.utf8), dataFrom: Array(dataFrom.utf8), caCertificates: ca.certificatePEM)
    let credentials = try credentials(account)
    do throws(RPCError) {
      let values = try await client.resolveExternalSecret(request, credentials: credentials)
      let members = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { key, value in
        GoJSON.string(key) + ":" + GoJSON.string(value.text ?? "(not UTF-8)")
      }
      return GeneratorAnswer(status: 200, body: "{" + members.joined(separator: ",") + "}\n")
    } catch {
      return .failure(HTTPWire.status(error.code), error.message)
    }
  }

  func resolveOverHTTP(data: String, dataFrom: String, store: String, account: String) async throws -> GeneratorAnswer {
    let bundle = Data(ca.certificatePEM).base64EncodedString()
    let lists = [("data", data), ("dataFrom", dataFrom)].filter { !$0.1.isEmpty }.map { "\"\($0.0)\":\($0.1)," }
    return try await post(store, "{\(lists.joined())\"ca.crt\":\"\(bundle)\"}", account: account)
  }

  /// One request over HTTP, whatever it says.
  func post(_ store: String, _ body: String, account: String = "app") async throws -> GeneratorAnswer {
    let token = try credentials(account).token ?? ""
    let response = try await http.send(
      HTTPRequest(
        method: "POST", url: "https://localhost:\(server.address.port)/secretstore/\(store)/externalsecret",
        headers: [(name: "Authorization", value: "Bearer \(token)")], body: Array(body.utf8),
        caCertificates: ca.certificatePEM, timeoutSeconds: 60))
    return GeneratorAnswer(status: response.status, body: String(decoding: response.body, as: UTF8.self))
  }
}
