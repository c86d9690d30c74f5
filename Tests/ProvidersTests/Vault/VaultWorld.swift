import Crypto
import FederationAPI
import Foundation
import HTTPClient
import Kubernetes
import Logging
import Providers
import Resources
import SecretStores
import Synchronization
import TestSupport
import Testing

/// A Vault stand-in and stores of it, as manifests describe them.
final class VaultWorld: Sendable {
  let vault: VaultServer
  let client: HTTPClient
  private let lines = Mutex<[String]>([])

  init() async throws {
    vault = try await VaultServer()
    client = try HTTPClient(log: Log(level: .error))
  }

  /// What was logged.
  var log: [String] { lines.withLock { $0 } }

  /// Where it is logged.
  var sink: Log { Log(level: .info) { line in self.lines.withLock { $0.append(line) } } }

  /// The one store of a manifest with the given `auth`, refresh and further lines of `vault`.
  func store(
    auth: String = "{tokenSecretRef: {name: vault, key: token}}", more: String = "path: secret",
    secrets: [String: String] = ["token": VaultServer.rootToken], refresh: String = "0s", stale: String = "0s",
    settings: BackendSettings = BackendSettings(), cluster: KubernetesClient? = nil
  ) throws -> RemoteStore {
    let stores = RemoteStores(client: client, cluster: cluster, settings: settings, log: sink)
    let manifests = try manifests(auth: auth, more: more, secrets: secrets, refresh: refresh, stale: stale)
    return try #require(stores.stores(of: manifests)["vault"])
  }

  /// Stores that log here.
  func stores() -> RemoteStores { RemoteStores(client: client, log: sink) }

  /// The manifests of such a store.
  func manifests(
    auth: String, more: String = "path: secret", secrets: [String: String], refresh: String = "0s", stale: String = "0s"
  ) throws -> Manifests {
    let directory = try TemporaryDirectory()
    let bundle = Data(vault.authority.certificatePEM).base64EncodedString()
    var text = """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata:
        name: vault
        annotations: {federation.external-secrets.io/refresh: \(refresh), federation.external-secrets.io/max-stale: \(stale)}
      spec:
        provider:
          vault:
            server: \(vault.url)
            caBundle: \(bundle)
            auth: \(auth)
      """
    for line in more.split(separator: "\n") { text += "\n      \(line)" }
    text += "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: vault}\ndata:\n"
    for (key, value) in secrets { text += "  \(key): \(Data(Array(value.utf8)).base64EncodedString())\n" }
    try directory.write(text, to: "store.yaml")
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path, isForCluster: true)
    if let error = diagnostics.first(where: \.isError) { throw TestSupportError("\(error)") }
    return manifests
  }
}

extension RemoteStore {
  /// One value as text, or the failure.
  func text(_ key: String, property: String? = nil, version: String? = nil) async -> Result<String?, RPCError> {
    let reference = SecretReference(store: "vault", key: key, property: property, version: version)
    return await read(reference).result().map(\.text)
  }

  /// The code of a failure, nil for a value.
  func code(_ key: String, property: String? = nil, version: String? = nil) async -> StatusCode? {
    if case .failure(let error) = await text(key, property: property, version: version) { error.code } else { nil }
  }
}
