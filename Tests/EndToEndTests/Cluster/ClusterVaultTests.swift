import Foundation
import Ledger
import TestSupport
import Testing

/// A server of a cluster whose store and generator are Vault's stand-in.
@Suite(.timeLimit(.minutes(5))) struct ClusterVaultTests {
  private static let generator = "team/VaultDynamicSecret/app"

  @Test("what a generator issued is taken back after the object is gone, also by a server that starts afterwards")
  func deletedGenerator() async throws {
    let cluster = try await ServedCluster()
    let vault = try await VaultServer()
    try await vault.set(["lease_seconds": 3_600])
    let directory = try TemporaryDirectory()
    let data = directory.path + "/data"
    _ = try await cluster.api.kubectl("create", "namespace", "team")
    try await cluster.apply(
      ManifestText.federation("cluster", cluster.issuer.url),
      cluster.grant + "  allowedGenerators: [{namespace: team, kind: VaultDynamicSecret, name: app}]\n",
      Self.secret("team", "token", VaultServer.rootToken), Self.generatorManifest(vault))
    var (server, port) = try await cluster.readyServer(["--data", data])
    for _ in 0..<2 { #expect(try await cluster.generate(Self.generator, port) == 200) }
    #expect(try await vault.leases().count == 2)
    #expect(
      try await cluster.api.kubectl("delete", "vaultdynamicsecret", "app", "-n", "team").exit == .status(0))
    try await cluster.wait("the generator is gone") { try await cluster.generate(Self.generator, port) != 200 }

    let ledger = try await LedgerLocation.directory(data).open()
    /// Has all but `count` credentials taken back: the wait for the generator's end may have made some more.
    func revoke(allBut count: Int) async throws {
      var filter = StateFilter()
      filter.phases = [.live]
      for state in try await ledger.states(filter, limit: .max).dropFirst(count) {
        filter.name = state.name
        #expect(try await ledger.markForRevocation(filter, reason: "by hand").count == 1)
      }
    }
    try await revoke(allBut: 1)
    try await cluster.wait("the first is taken back") { try await vault.leases().count == 1 }
    server.signal(SIGTERM)
    #expect(await server.wait() == .status(0))
    (server, port) = try await cluster.readyServer(["--data", data])
    try await revoke(allBut: 0)
    try await cluster.wait("the second is taken back") { try await vault.leases().isEmpty }
    try await cluster.wait("nothing is left of it") { try await ledger.states(StateFilter(), limit: 1).isEmpty }
    #expect(!server.stderr.text.contains("credential_not_removed"), "\(server.stderr.text)")
    await ledger.close()
    try await cluster.stop(server)
  }

  @Test(
    "a store's condition is what its backend says; without its Secret it gives nothing, whatever it is logged in with")
  func storeConditions() async throws {
    let cluster = try await ServedCluster()
    let vault = try await VaultServer()
    try await vault.put("password", ["v": "1"])
    try await cluster.apply(
      ManifestText.federation("cluster", cluster.issuer.url), cluster.grant, Self.storeManifest(vault),
      Self.secret("default", "id", "wrong-id"))
    let (server, port) = try await cluster.readyServer()
    try await cluster.waitForStore("False CheckFailed its backend cannot be used: Vault answered 400")
    #expect(try await cluster.ask(port).status != 200)
    try await cluster.apply(Self.secret("default", "id", "secret-id"))
    try await cluster.waitForStore("True Accepted the server uses it")
    try await cluster.wait("the value") { try await cluster.ask(port).status == 200 }
    let shown = try await cluster.api.kubectl("get", "clustersecretstore", "app")
    #expect(shown.output.contains(" True "), "\(shown)")

    #expect(try await cluster.api.kubectl("delete", "secret", "vault", "-n", "default").exit == .status(0))
    try await cluster.waitForStore("False SecretMissing no manifest defines Secret `default/vault`")
    try await cluster.wait("nothing is given") { try await cluster.ask(port).status != 200 }
    try await cluster.apply(Self.secret("default", "id", "secret-id"))
    try await cluster.waitForStore("True Accepted the server uses it")
    try await cluster.wait("the value again") { try await cluster.ask(port).status == 200 }
    #expect(!server.stderr.text.contains("secret-id") && !server.stderr.text.contains("wrong-id"))
    try await cluster.stop(server)
  }

  @Test("a store's CA may be in a ConfigMap of the cluster, and follows it")
  func configMap() async throws {
    let cluster = try await ServedCluster()
    let vault = try await VaultServer()
    try await vault.put("password", ["v": "1"])
    let store = Self.storeManifest(vault).replacing(
      "caBundle: \(Self.bundle(vault))",
      with: "caProvider: {type: ConfigMap, name: vault, namespace: default, key: ca.crt}")
    try await cluster.apply(
      ManifestText.federation("cluster", cluster.issuer.url), cluster.grant, store,
      Self.secret("default", "id", "secret-id"))
    let (server, port) = try await cluster.readyServer()
    try await cluster.waitForStore("False SecretMissing no manifest defines ConfigMap `default/vault`")
    let pem = String(decoding: vault.authority.certificatePEM, as: UTF8.self).split(separator: "\n")
    try await cluster.apply(
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: vault, namespace: default}
      data:
        ca.crt: |
          \(pem.joined(separator: "\n    "))

      """)
    try await cluster.waitForStore("True Accepted the server uses it")
    try await cluster.wait("the value") { try await cluster.ask(port).status == 200 }
    try await cluster.stop(server)
  }

  private static func secret(_ namespace: String, _ key: String, _ value: String) -> String {
    """
    apiVersion: v1
    kind: Secret
    metadata: {name: vault, namespace: \(namespace)}
    stringData: {\(key): \(value)}

    """
  }

  private static func bundle(_ vault: VaultServer) -> String {
    Data(vault.authority.certificatePEM).base64EncodedString()
  }

  /// Its token is looked up for each question.
  private static func generatorManifest(_ vault: VaultServer) -> String {
    """
    apiVersion: generators.external-secrets.io/v1alpha1
    kind: VaultDynamicSecret
    metadata: {name: app, namespace: team}
    spec:
      path: database/creds/app
      provider:
        server: \(vault.url)
        caBundle: \(bundle(vault))
        auth: {tokenSecretRef: {name: vault, key: token}}

    """
  }

  private static func storeManifest(_ vault: VaultServer) -> String {
    """
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata: {name: app}
    spec:
      provider:
        vault:
          server: \(vault.url)
          caBundle: \(bundle(vault))
          path: secret
          auth: {appRole: {roleId: role-id, secretRef: {name: vault, namespace: default, key: id}}}

    """
  }
}
