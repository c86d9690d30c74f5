import Foundation
import Testing

@testable import Resources

/// What stands around a store's own fields: annotations, and where its credentials and certificates are.
@Suite struct StoreSettingsTests {
  private func directory(annotations: String) throws -> ManifestDirectory {
    try ManifestDirectory([
      "a.yaml": """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata:
        name: store
        annotations:
          kubectl.kubernetes.io/x: y
          \(annotations)
      spec: {provider: {local: {}}}

      """
    ])
  }

  @Test("an annotation of our own that is none is refused by its name")
  func annotations() throws {
    #expect(try directory(annotations: "federation.external-secrets.io/max-stale: 1h").printed() == [])
    let prefix = "federation.external-secrets.io/"
    func refusal(_ name: String, _ meant: String) -> [String] {
      ["a.yaml:7: unknown annotation `\(prefix)\(name)`; a store may have \(meant)"]
    }
    #expect(
      try directory(annotations: prefix + "maxStale: 1h").printed() == refusal("maxStale", "`\(prefix)max-stale`"))
    #expect(
      try directory(annotations: prefix + "color: red").printed()
        == refusal("color", "`\(prefix)refresh` and `\(prefix)max-stale`"))
  }

  @Test("a file that is not there, and a variable that is not set, are warned of")
  func absent() throws {
    let none = "/nonexistent/\(UUID().uuidString)"
    let there = try ManifestDirectory(["token": "x"])
    #expect(chmod(there.path + "/token", 0o600) == 0)
    func printed(_ source: String) throws -> [String] {
      let manifests = try StoreManifest.directory("kubernetes", "auth: {token: {bearerToken: \(source)}}")
      #expect(manifests.load().manifests.clusterSecretStores.count == 1)
      return manifests.printed()
    }
    let field = "a.yaml:8: warning: `spec.provider.kubernetes.auth.token.bearerToken"
    #expect(
      try printed("{file: \(none)}") == [
        "\(field).file` names no file of this machine; until it does, this store cannot be used"
      ])
    #expect(
      try printed("{env: NOT_SET_ANYWHERE}") == [
        "\(field).env` names no variable of this environment; in one without it, this store cannot be used"
      ])
    #expect(try printed("{file: \(there.path)/token}") == [])
    #expect(try printed("{env: PATH}") == [])
  }

  @Test("a caProvider may be a ConfigMap, which is another thing than a Secret of the same name")
  func configMap() throws {
    let fields = """
      server: {url: "https://a.example", caProvider: {type: ConfigMap, name: ca, key: ca.crt, namespace: n}}
      auth: {token: {bearerToken: {env: PATH}}}
      """
    let directory = try StoreManifest.directory("kubernetes", fields)
    let missing = "no manifest defines ConfigMap `n/ca`; until one does, this store cannot be used"
    #expect(directory.printed().count == 1 && directory.printed()[0].hasSuffix(missing))
    try directory.write(
      "b.yaml", "{apiVersion: v1, kind: Secret, metadata: {name: ca, namespace: n}, stringData: {ca.crt: SECRET}}\n")
    #expect(directory.printed().contains { $0.hasSuffix(missing) })
    try directory.write(
      "c.yaml",
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: ca, namespace: n}, data: {ca.crt: PEM}, binaryData: {x: eA==}}\n"
    )
    let (manifests, diagnostics) = directory.load()
    #expect(!diagnostics.contains { $0.message.contains("ConfigMap") })
    let secrets = ManifestSecrets(manifests.secrets)
    let selector = SecretKeySelector(namespace: "n", name: "ca", key: "ca.crt", isConfigMap: true)
    #expect(secrets[selector]?.text == "PEM")
    #expect(secrets[SecretKeySelector(namespace: "n", name: "ca", key: "ca.crt")]?.text == "SECRET")
    guard case .remote(.kubernetes(let spec)) = manifests.clusterSecretStores.first?.provider else {
      Issue.record("no store")
      return
    }
    #expect(spec.trust == .secret(selector))
    #expect(manifests.countsByKind["Secret"] == 1 && manifests.countsByKind["ConfigMap"] == 1)
  }
}
