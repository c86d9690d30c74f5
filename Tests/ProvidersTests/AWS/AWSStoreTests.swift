import FederationAPI
import Foundation
import HTTPClient
import Logging
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Providers

@Suite struct AWSStoreTests {
  @Test("a manifest's store gives values, their properties and lists, and keeps AWS's words to itself")
  func manifest() async throws {
    let server = try await AWSServer()
    try await server.write("CreateSecret", ["Name": "app/db", "SecretString": "{\"user\":\"ü\",\"p.w\":\"hunter2\"}"])
    try await server.write("CreateSecret", ["Name": "app/raw", "SecretBinary": "AP8B"])
    let (reader, nobody) = (server.keys("reader"), server.keys("nobody"))
    let directory = try TemporaryDirectory()
    try directory.write(
      """
      \(Self.store("aws", key: "good", server))
      \(Self.store("refused", key: "bad", server))
      apiVersion: v1
      kind: Secret
      metadata: {name: good}
      stringData: {id: "\(reader.id)", key: "\(reader.key)"}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: bad}
      stringData: {id: "\(nobody.id)", key: "\(nobody.key)"}
      """, to: "stores.yaml")
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path)
    #expect(diagnostics.filter(\.isError).isEmpty)
    let lines = Lines()
    let stores = RemoteStores(client: server.http, log: Log(level: .info) { lines.add($0) }).stores(of: manifests)

    let store = try #require(stores["aws"])
    func read(_ key: String, _ property: String? = nil) async -> Result<String?, RPCError> {
      await store.read(SecretReference(store: "aws", key: key, property: property)).result().map(\.text)
    }
    #expect(await read("db") == .success("{\"user\":\"ü\",\"p.w\":\"hunter2\"}"))
    #expect(await read("db", "user") == .success("ü"))
    #expect(await read("db", "p.w") == .success("hunter2"))
    let raw = await store.read(SecretReference(store: "aws", key: "raw")).result()
    #expect((try? raw.get()) == SecretBytes([0, 255, 1]))
    let listed = try await store.list("aws").result().get()
    #expect(Set(listed.map(\.key)) == ["db", "raw"])

    let refused = try #require(stores["refused"])
    let answer = await refused.read(SecretReference(store: "refused", key: "db")).result()
    #expect(
      answer
        == .failure(
          RPCError(.failedPrecondition, "store \"refused\" is refused by its backend; ask the server's operator")))
    #expect(lines.all.contains { $0.contains("AWS answered AccessDenied") })
    #expect(!lines.all.contains { $0.contains("hunter2") || $0.contains(reader.key) || $0.contains("user/nobody") })
  }

  private static func store(_ name: String, key: String, _ server: AWSServer) -> String {
    """
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata: {name: \(name)}
    spec:
      provider:
        aws:
          service: SecretsManager
          region: eu-west-1
          prefix: app/
          endpoint: \(server.url.text)
          auth:
            secretRef:
              accessKeyIDSecretRef: {name: \(key), key: id}
              secretAccessKeySecretRef: {name: \(key), key: key}
    ---
    """
  }

  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }
}
