import FederationAPI
import FederationServer
import Foundation
import GRPC
import HTTPClient
import JSON
import Logging
import TTRPC
import TestSupport
import Testing
import Transport

/// Leases of Vault's stand-in, over the wires that callers use.
@Suite(.timeLimit(.minutes(5))) struct VaultLeaseTests {
  private static let issuer = "https://vaults.example"
  private static let generator = GeneratorReference(namespace: "team", kind: "VaultDynamicSecret", name: "app")

  @Test("generated, revoked by its owner, ended by the reaper, and taken back once Vault is there again")
  func leases() async throws {
    let vault = try await VaultServer()
    try await vault.set(["lease_seconds": 3_600])
    let ca = try TestCertificateAuthority()
    let key = try TestSigningKey()
    let oidc = try OIDCIssuer.start(
      certificate: ca.issue(label: "issuer"), issuer: Self.issuer, keySet: TestSigningKey.keySet([key]))
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.path + "/manifests", withIntermediateDirectories: true)
    try directory.write(Self.manifests(oidc.url, vault), to: "manifests/all.yaml")
    let certificate = try ca.issue(label: "federation")
    var configuration = ServerConfiguration(
      manifestDirectory: directory.path + "/manifests", host: "127.0.0.1", port: 0,
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile,
      dataDirectory: directory.path + "/data")
    configuration.loops = 1
    configuration.watchesManifests = false
    configuration.issuance.reaperIntervalSeconds = 0.2
    configuration.issuance.firstRetrySeconds = 1
    let server = try await FederationServer.start(configuration, log: Log(level: .error))
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let rpc = FederationRPCClient(
      client: try await TTRPCClient.connect(.loopback(server.address.port, TTRPCClient.alpn, ca: ca), group: group))
    let grpc = FederationRPCClient(
      client: try await GRPCClient.connect(.loopback(server.address.port, GRPCClient.alpn, ca: ca), group: group))
    let token = try key.token(ServiceAccountClaims(issuer: Self.issuer))
    let credentials = FederationRPCClient.Credentials(token: token)
    let http = try HTTPClient(log: Log(level: .error))
    func askHTTP(_ method: String) async throws -> HTTPResponse {
      try await http.send(
        HTTPRequest(
          method: method, url: "https://localhost:\(server.address.port)/generators/team/VaultDynamicSecret/app",
          headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")],
          body: Array("{\"ca.crt\":\"\(Data(ca.certificatePEM).base64EncodedString())\"}".utf8),
          caCertificates: ca.certificatePEM, timeoutSeconds: 60))
    }
    func generate(_ client: FederationRPCClient) async throws {
      let values = try await client.generate(
        GenerateRequest(generator: Self.generator, caCertificates: ca.certificatePEM), credentials: credentials)
      #expect(values.keys.sorted() == ["password", "username"])
    }

    for client in [rpc, grpc] { try await generate(client) }
    let answer = try await askHTTP("POST")
    #expect(answer.status == 200)
    let values = try JSONValue.parse(answer.body)
    #expect(values["username"]?.string != nil && values["password"]?.string != nil)
    #expect(try await vault.leases().count == 3)
    try await rpc.revokeSelf(
      RevokeSelfRequest(generator: Self.generator, caCertificates: ca.certificatePEM), credentials: credentials)
    #expect(try await vault.leases() == [])
    #expect(try await askHTTP("POST").status == 200)
    #expect(try await askHTTP("DELETE").status == 200)
    #expect(try await vault.leases() == [])

    // Vault's own end comes long before that of `leaseDuration`.
    try await vault.set(["lease_seconds": 1])
    try await generate(rpc)
    try await Self.wait { try await vault.leases().isEmpty }
    try await vault.set(["lease_seconds": 3_600])

    // What is revoked while Vault is sealed is taken back when it is there again.
    try await generate(rpc)
    try await vault.set(["sealed": true])
    let refused = await #expect(throws: RPCError.self) {
      try await rpc.revokeSelf(
        RevokeSelfRequest(generator: Self.generator, caCertificates: ca.certificatePEM), credentials: credentials)
    }
    #expect(refused?.code == .unavailable)
    #expect(try await vault.leases().count == 1)
    try await vault.set(["sealed": false])
    try await Self.wait { try await vault.leases().isEmpty }
    await server.stop()
  }

  /// Looks until `isSo`; the test's own time limit ends it.
  private static func wait(until isSo: () async throws -> Bool) async throws {
    while try await !isSo() { try await Task.sleep(for: .milliseconds(100)) }
  }

  private static func manifests(_ url: String, _ vault: VaultServer) -> String {
    let bundle = Data(vault.authority.certificatePEM).base64EncodedString()
    return """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: cluster}
      spec: {url: "\(url)", audiences: ["https://kubernetes.default.svc"]}
      ---
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: app}
      spec:
        federationRef: {kind: KubernetesFederation, name: cluster}
        subject: {oidc: {issuer: "\(issuer)", subject: "system:serviceaccount:apps:app"}}
        allowedGenerators:
          - {namespace: team, kind: VaultDynamicSecret, name: app}
      ---
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: VaultDynamicSecret
      metadata: {name: app, namespace: team}
      spec:
        path: database/creds/app
        leaseDuration: 1h
        provider:
          server: \(vault.url)
          caBundle: \(bundle)
          auth: {appRole: {roleId: role-id, secretRef: {name: vault, key: id}}}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: vault, namespace: team}
      stringData: {id: secret-id}

      """
  }
}
