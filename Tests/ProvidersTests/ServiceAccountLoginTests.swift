import FederationAPI
import Foundation
import HTTPClient
import JSON
import Kubernetes
import Logging
import Resources
import TestSupport
import Testing

@testable import Providers

/// Stores that log in with tokens which the stand-in for the Kubernetes API makes.
@Suite(.timeLimit(.minutes(2))) struct ServiceAccountLoginTests {
  private static let tokens = "serviceaccounts/token"

  /// A cluster with the account `default/reader` and the Secret `default/app`.
  private static func cluster() async throws -> (server: KubernetesAPIServer, api: KubernetesClient) {
    let server = try await KubernetesAPIServer()
    let api = try server.client()
    _ = try await api.create(
      KubernetesObject(.serviceAccounts, namespace: "default", name: "reader"), of: .serviceAccounts)
    _ = try await api.create(
      KubernetesObject(.secrets, namespace: "default", name: "app", fields: ["data": ["a": "Yg=="]]), of: .secrets)
    return (server, api)
  }

  private static func store(
    _ server: KubernetesAPIServer, _ account: String = "{name: reader, namespace: default}",
    cluster: KubernetesClient?
  ) throws -> RemoteStore {
    let directory = try TemporaryDirectory()
    try directory.write(server.storeManifest("{serviceAccount: \(account)}"), to: "store.yaml")
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path, isForCluster: true)
    if let error = diagnostics.first(where: \.isError) { throw TestSupportError("\(error)") }
    let http = try HTTPClient(log: Log(level: .error))
    let stores = RemoteStores(client: http, cluster: cluster, log: Log(level: .error) { _ in })
    return try #require(stores.stores(of: manifests)["cluster"])
  }

  private func made(_ server: KubernetesAPIServer) async throws -> Int {
    try await server.requests(for: Self.tokens).count { $0.status == 200 || $0.status == 201 }
  }

  private func reason(_ store: RemoteStore) async -> String {
    switch await store.check() {
    case .success(let proof): "passed: \(proof.shown)"
    case .failure(let error): error.reason
    }
  }

  @Test("a kubernetes store reads as the account, by one token for all its questions")
  func kubernetes() async throws {
    let (server, api) = try await Self.cluster()
    let store = try Self.store(server, cluster: api)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { #expect(await store.text("app", property: "a") == .success("b")) } }
    }
    #expect(try await made(server) == 1)
    let user = "system:serviceaccount:default:reader"
    let reads = try await server.requests(for: "secrets").filter { $0.path.hasSuffix("/secrets/app") }
    #expect(!reads.isEmpty && reads.allSatisfy { $0.user == user && $0.status == 200 })
    #expect(await reason(store).hasPrefix("passed: "))
  }

  @Test("a token that ends is made again, without a failure")
  func expiry() async throws {
    let (server, api) = try await Self.cluster()
    try await server.shortenTokens(seconds: 3)
    let store = try Self.store(server, cluster: api)
    var reads = 0
    while try await made(server) < 3 {
      #expect(await store.text("app", property: "a") == .success("b"))
      reads += 1
    }
    // Not one for each of the questions.
    #expect(reads > 3)
  }

  @Test("a token that the API server took, and takes no more, is made again at once; one that it never took is not")
  func revocation() async throws {
    let (server, api) = try await Self.cluster()
    let store = try Self.store(server, cluster: api)
    #expect(await store.text("app", property: "a") == .success("b"))
    try await server.forgetTokens()
    #expect(await store.text("app", property: "a") == .success("b"))
    #expect(try await made(server) == 2)

    let other = try Self.store(server, "{name: reader, namespace: default, audiences: [other]}", cluster: api)
    for key in ["app", "b", "c"] { #expect(await other.code(key) == .failedPrecondition) }
    #expect(try await made(server) == 3)
  }

  @Test("an account that is not there, or that the server may not make tokens of, is told with what to do")
  func refusals() async throws {
    let (server, api) = try await Self.cluster()
    let missing = try Self.store(server, "{name: none, namespace: default}", cluster: api)
    #expect(await missing.code("app") == .failedPrecondition)
    #expect(await reason(missing) == "there is no ServiceAccount default/none")
    try await server.fail(verb: "create", resource: Self.tokens, status: 403, count: -1)
    let forbidden = try Self.store(server, cluster: api)
    #expect(await forbidden.code("app") == .failedPrecondition)
    #expect(
      await reason(forbidden)
        == "this server may not make a token of the ServiceAccount default/reader: let a Role of the namespace default "
        + "allow its own account `create` on `serviceaccounts/token` with `resourceNames: [reader]`")
    try await server.heal()
    #expect(await reason(forbidden).hasPrefix("passed: "))
    let alone = try Self.store(server, cluster: nil)
    #expect(await reason(alone).hasSuffix("start the server with --kubernetes"))
  }

  @Test("a token of this cluster's own API server is made for no other one")
  func foreign() async throws {
    let (server, api) = try await Self.cluster()
    let other = try await KubernetesAPIServer()
    let store = try Self.store(other, cluster: api)
    #expect(await reason(store).contains("name the `audiences` that the other cluster takes"))
    #expect(try await made(server) == 0)
    #expect(try await other.requests().isEmpty)
    // One for an audience is nobody's but the other cluster's.
    let named = try Self.store(other, "{name: reader, namespace: default, audiences: [other]}", cluster: api)
    #expect(await named.code("app") == .failedPrecondition)
    #expect(try await made(server) == 1)
  }

  private static let accountRef = "{name: reader, namespace: default, audiences: [vault]}"

  private func vault(_ server: KubernetesAPIServer) async throws -> VaultWorld {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    try await world.vault.set([
      "keys": try await server.keySet(),
      "accounts": ["system:serviceaccount:default:reader": ["role": "app", "audience": "vault"]],
    ])
    return world
  }

  @Test("Vault takes the account's token by both methods, for its audience and role alone")
  func vaultLogins() async throws {
    let (server, api) = try await Self.cluster()
    let world = try await vault(server)
    for auth in [
      "{kubernetes: {role: app, serviceAccountRef: \(Self.accountRef)}}",
      "{jwt: {role: app, kubernetesServiceAccountToken: {serviceAccountRef: {name: reader, namespace: default}}}}",
    ] {
      let store = try world.store(auth: auth, secrets: [:], cluster: api)
      #expect(await store.text("db", property: "v") == .success("1"))
      #expect(await reason(store) == "passed: Vault lets it read below `secret`")
    }
    #expect(try await made(server) == 2)
    for auth in [
      "{kubernetes: {role: other, serviceAccountRef: \(Self.accountRef)}}",
      "{kubernetes: {role: app, serviceAccountRef: {name: reader, namespace: default}}}",
    ] {
      let store = try world.store(auth: auth, secrets: [:], cluster: api)
      #expect(await store.code("db") == .failedPrecondition)
      #expect(await reason(store) == "Vault answered 403")
    }
    #expect(try await made(server) == 4)
    let missing = try world.store(
      auth: "{kubernetes: {role: app, serviceAccountRef: {name: none, namespace: default, audiences: [vault]}}}",
      secrets: [:], cluster: api)
    #expect(await reason(missing) == "there is no ServiceAccount default/none")
    try await server.fail(verb: "create", resource: Self.tokens, status: 403, count: -1)
    let forbidden = try world.store(
      auth: "{kubernetes: {role: app, serviceAccountRef: \(Self.accountRef)}}", secrets: [:], cluster: api)
    #expect(await forbidden.code("db") == .failedPrecondition)
    #expect(world.log.contains { $0.contains("store_refused") && $0.contains("`create` on `serviceaccounts/token`") })
    // JWTs begin so.
    #expect(!world.log.contains { $0.contains("eyJ") })
  }

  @Test("a login whose token Vault took once, and takes no more, is made with another token")
  func vaultRotation() async throws {
    let (server, api) = try await Self.cluster()
    let world = try await vault(server)
    let store = try world.store(
      auth: "{kubernetes: {role: app, serviceAccountRef: \(Self.accountRef)}}", secrets: [:], cluster: api)
    #expect(await store.text("db", property: "v") == .success("1"))
    try await server.forgetTokens()
    try await world.vault.set(["keys": try await server.keySet(), "forget_tokens": true])
    #expect(await store.text("db", property: "v") == .success("1"))
    #expect(try await made(server) == 2)
    #expect(try await world.vault.count("POST auth/kubernetes/login") == 3)
  }
}
