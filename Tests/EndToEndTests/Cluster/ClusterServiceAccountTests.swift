import Foundation
import JSON
import Kubernetes
import TestSupport
import Testing

/// A server of a cluster whose store logs in to Vault's stand-in by a service account's token.
@Suite(.timeLimit(.minutes(5))) struct ClusterServiceAccountTests {
  private static let tokens = "serviceaccounts/token"
  private static let account = "{name: reader, namespace: apps, audiences: [vault]}"

  /// Another `try` is another store, which logs in at once.
  private func manifest(_ vault: VaultServer, try number: Int = 1, account: String = account) -> String {
    """
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata:
      name: app
      annotations: {federation.external-secrets.io/refresh: 0s, federation.external-secrets.io/max-stale: 0s}
    spec:
      provider:
        vault:
          server: \(vault.url)
          caBundle: \(Data(vault.authority.certificatePEM).base64EncodedString())
          headers: {Try: "\(number)"}
          path: secret
          auth: {kubernetes: {role: app, serviceAccountRef: \(account)}}

    """
  }

  private func accept(_ cluster: ServedCluster, _ vault: VaultServer) async throws {
    try await vault.set([
      "keys": try await cluster.api.keySet(),
      "accounts": ["system:serviceaccount:apps:reader": ["role": "app", "audience": "vault"]],
    ])
  }

  @Test("the store's condition says which account is missing, and which right; then its value comes")
  func login() async throws {
    let cluster = try await ServedCluster()
    let vault = try await VaultServer()
    try await vault.put("password", ["v": "1"])
    try await accept(cluster, vault)
    _ = try await cluster.api.kubectl("create", "namespace", "apps")
    try await cluster.apply(
      ManifestText.federation("cluster", cluster.issuer.url), cluster.grant, manifest(vault))
    let (server, port) = try await cluster.readyServer()
    try await cluster.waitForStore(
      "False CheckFailed its backend cannot be used: there is no ServiceAccount apps/reader")
    #expect(try await cluster.ask(port).status != 200)

    _ = try await cluster.api.kubectl("create", "serviceaccount", "reader", "-n", "apps")
    try await cluster.api.fail(verb: "create", resource: Self.tokens, status: 403, count: -1)
    try await cluster.apply(manifest(vault, try: 2))
    let right =
      "this server may not make a token of the ServiceAccount apps/reader: let a Role of the namespace apps allow its "
      + "own account `create` on `serviceaccounts/token` with `resourceNames: [reader]`"
    try await cluster.waitForStore("False CheckFailed its backend cannot be used: \(right)")
    #expect(server.stderr.text.contains("store_check_failed"))
    #expect(server.stderr.text.contains("may not make a token of the ServiceAccount apps/reader"))

    try await cluster.api.heal()
    try await cluster.apply(manifest(vault, try: 3))
    try await cluster.waitForStore("True Accepted the server uses it")
    try await cluster.wait("the value") { try await cluster.ask(port).status == 200 }
    let requests = try await cluster.api.requests(for: Self.tokens).filter { $0.path.contains("/apps/") }
    #expect(requests.allSatisfy { $0.user == ServedCluster.user("server") && $0.verb == "create" })
    // Tokens and Vault's answers stay out of the log.
    #expect(!server.stderr.text.contains("eyJ") && !server.stderr.text.contains("hvs."))
    try await cluster.stop(server)
  }

  @Test("tokens that end, and logins that do, are made again while the store is read")
  func rotation() async throws {
    let cluster = try await ServedCluster()
    let vault = try await VaultServer()
    try await vault.put("password", ["v": "1"])
    try await accept(cluster, vault)
    // These end before they are renewed: each second needs another login, and some logins another token.
    try await vault.set(["ttl": 1])
    _ = try await cluster.api.kubectl("create", "namespace", "apps")
    _ = try await cluster.api.kubectl("create", "serviceaccount", "reader", "-n", "apps")
    try await cluster.apply(
      ManifestText.federation("cluster", cluster.issuer.url), cluster.grant, manifest(vault))
    let (server, port) = try await cluster.readyServer()
    try await cluster.api.shortenTokens(seconds: 3)
    try await cluster.wait("the value") { try await cluster.ask(port).status == 200 }
    var answers: Set<Int> = []
    try await cluster.wait("three tokens") {
      answers.insert(try await cluster.ask(port).status)
      return try await cluster.api.requests(for: Self.tokens).count { $0.path.contains("/apps/") } >= 3
    }
    #expect(answers == [200])
    try await cluster.stop(server)
  }

  @Test("without audiences the store works as in External Secrets, and its condition warns")
  func withoutAudiences() async throws {
    let cluster = try await ServedCluster()
    let vault = try await VaultServer()
    try await vault.put("password", ["v": "1"])
    try await vault.set([
      "keys": try await cluster.api.keySet(),
      "accounts": ["system:serviceaccount:apps:reader": ["role": "app", "audience": .string(cluster.api.url)]],
    ])
    _ = try await cluster.api.kubectl("create", "namespace", "apps")
    _ = try await cluster.api.kubectl("create", "serviceaccount", "reader", "-n", "apps")
    try await cluster.apply(
      ManifestText.federation("cluster", cluster.issuer.url), cluster.grant,
      manifest(vault, account: "{name: reader, namespace: apps}"))
    let (server, port) = try await cluster.readyServer()
    try await cluster.waitForStore(
      "True Accepted `spec.provider.vault.auth.kubernetes.serviceAccountRef` names no `audiences`")
    try await cluster.wait("the value") { try await cluster.ask(port).status == 200 }
    try await cluster.stop(server)
  }
}
