import FederationAPI
import Resources
import TestSupport
import Testing

@testable import Reconciler

/// Which secrets an ExternalSecret is told changes of.
@Suite struct WatchedReferencesTests {
  private func references(_ spec: String, store: String = "app") throws -> Set<SecretReference> {
    let directory = try TemporaryDirectory()
    try directory.write(
      """
      apiVersion: external-secrets.io/v1
      kind: ExternalSecret
      metadata: {name: e, namespace: n}
      spec: {secretStoreRef: {kind: FederationStore, name: s}, \(spec)}

      """, to: "e.yaml")
    let resource = try #require(ManifestLoader.loadForAgent(directory: directory.path).manifests.externalSecrets.first)
    return resource.watchedReferences(store: store)
  }

  private func data(_ remote: String) -> String { "data: [{secretKey: x, remoteRef: {\(remote)}}]" }

  @Test("what data and extract name, whole values by version, but not what find covers")
  func named() throws {
    let spec = """
      refreshInterval: 1h,
      data: [{secretKey: a, remoteRef: {key: db, property: user}}, {secretKey: b, remoteRef: {key: db, property: pass}}],
      dataFrom: [{extract: {key: all, version: v7}}, {find: {name: {regexp: ".*"}}}]
      """
    #expect(
      try references(spec) == [
        SecretReference(store: "app", key: "db"), SecretReference(store: "app", key: "all", version: "v7"),
      ])
  }

  @Test(
    "nothing where nothing is fetched again",
    arguments: ["refreshPolicy: OnChange", "refreshPolicy: CreatedOnce", "refreshInterval: \"0\""])
  func once(policy: String) throws {
    #expect(try references("\(policy), \(data("key: db"))") == [])
  }

  @Test("nothing where a change would have a generator issue one more credential")
  func generators() throws {
    let reference = "{apiVersion: generators.external-secrets.io/v1alpha1, kind: Federation, name: g}"
    let spec = "\(data("key: db")), dataFrom: [{sourceRef: {generatorRef: \(reference)}}]"
    #expect(try references(spec) == [])
  }

  @Test("a name that the server would refuse is not watched: it would spoil the others' watch")
  func unwatchable() throws {
    let long = String(repeating: "k", count: Limits.secretName + 1)
    #expect(try references(data("key: \(long)")) == [])
    #expect(try references(data("key: db"), store: String(repeating: "s", count: Limits.storeName + 1)) == [])
  }
}
