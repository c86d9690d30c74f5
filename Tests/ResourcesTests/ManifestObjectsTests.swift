import Resources
import Testing
import YAML

/// Objects of a cluster as manifests.
@Suite struct ManifestObjectsTests {
  private func object(_ title: String, _ text: String) -> ManifestObject {
    var texts = RepeatedText()
    var root = YAMLNode(.mapping([]), line: 0)
    YAMLStream.read(text.utf8.span.bytes, reusing: &texts) { root = $0.root ?? root }
    return ManifestObject(title: title, root: root)
  }

  private var okta: ManifestObject {
    object(
      "OktaFederation/okta",
      """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: OktaFederation
      metadata: {name: okta}
      spec:
        domain: https://example.okta.com
        audiences: [federation]
        managementAPI: {apiTokenSecretRef: {name: okta, key: token}}
      """)
  }

  private func store(_ name: String, provider: String) -> ManifestObject {
    object(
      "ClusterSecretStore/\(name)",
      "{apiVersion: external-secrets.io/v1, kind: ClusterSecretStore, metadata: {name: \(name)}, "
        + "spec: {provider: \(provider)}}")
  }

  @Test("an object with an error is left out alone, and is named by its title")
  func leftOut() {
    let read = ManifestLoader.read([
      store("odd", provider: "{fake: {daat: []}}"), store("good", provider: "{local: {}}"),
    ])
    #expect(read.manifests.clusterSecretStores.map(\.name) == ["good"])
    #expect(read.refused == ["ClusterSecretStore/odd"])
    #expect(read.diagnostics.filter(\.isError).allSatisfy { $0.location.file == "ClusterSecretStore/odd" })
    #expect(!read.diagnostics.isEmpty)
  }

  @Test("Secrets that are referred to are named, and missed only when it is known that they are not there")
  func namedSecrets() throws {
    let name = ResourceName(namespace: "external-secrets", name: "okta")
    let missed = "no manifest defines Secret `external-secrets/okta`"
    let unread = ManifestLoader.read([okta]) { $0 == name }
    #expect(unread.namedSecrets == [name: ["OktaFederation/okta"]])
    #expect(unread.diagnostics.isEmpty, "\(unread.diagnostics)")
    // Of one that is left out nothing is needed.
    let vault = "{vault: {server: \"https://vault.example\", path: secret, auth: {tokenSecretRef: {name: a, key: b}}}}"
    let odd = store("odd", provider: vault + ", controller: another")
    #expect(ManifestLoader.read([okta, odd]).namedSecrets == [name: ["OktaFederation/okta"]])
    let absent = ManifestLoader.read([okta]).diagnostics
    #expect(absent.count == 1 && absent[0].message.hasPrefix(missed), "\(absent)")
    #expect(absent.first?.location.file == "OktaFederation/okta")

    let (secret, diagnostics) = ManifestLoader.readSecret(
      object(
        "Secret/external-secrets/okta",
        "{apiVersion: v1, kind: Secret, metadata: {name: okta, namespace: external-secrets}, data: {token: b25l}}"))
    #expect(diagnostics.isEmpty)
    let read = ManifestLoader.read([okta], secrets: [try #require(secret)])
    #expect(read.diagnostics.isEmpty, "\(read.diagnostics)")
    #expect(read.manifests.secrets.first?.values["token"]?.text == "one")
  }
}
