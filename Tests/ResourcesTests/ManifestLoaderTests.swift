import FederationAPI
import Foundation
import Resources
import Testing

@Suite struct ManifestLoaderTests {
  @Test("the three kinds are read, several documents a file, in several files and subdirectories")
  func threeKinds() throws {
    let directory = try ManifestDirectory([
      "a.yaml": Example.federation + "---\n" + Example.authorization, "sub/deep/b.yml": Example.store,
    ])
    let (manifests, diagnostics) = directory.load()
    #expect(diagnostics == [])
    #expect(
      manifests
        == Manifests(
          kubernetesFederations: [
            KubernetesFederation(
              name: "cluster-a", url: "https://10.0.0.1:6443", audiences: ["federation"],
              location: SourceLocation(file: directory.path + "/a.yaml", line: 1))
          ],
          authorizations: [
            Authorization(
              name: "app", federationRef: FederationReference(kind: "KubernetesFederation", name: "cluster-a"),
              subject: .oidc(
                issuer: "https://kubernetes.default.svc", subject: "system:serviceaccount:default:app"),
              allowedClusterSecretStores: ["vault-a"],
              location: SourceLocation(file: directory.path + "/a.yaml", line: 9))
          ],
          clusterSecretStores: [
            ClusterSecretStore(
              name: "vault-a", provider: .local,
              location: SourceLocation(file: directory.path + "/sub/deep/b.yml", line: 1))
          ]))
  }

  @Test("the older group of KubernetesFederation is read, and a namespace on a cluster-scoped kind is ignored")
  func olderGroup() throws {
    let text = Example.varied(Example.federation, "identity.federation", "federation")
    let directory = try ManifestDirectory([
      "a.yaml": Example.varied(text, "name: cluster-a", "name: cluster-a\n  namespace: external-secrets")
    ])
    let (manifests, diagnostics) = directory.load()
    #expect(diagnostics == [])
    #expect(manifests.kubernetesFederations.map(\.name) == ["cluster-a"])
  }

  @Test("metadata that Kubernetes tools write and a status are accepted")
  func writtenByTools() throws {
    let metadata = """
      name: vault-a
        uid: 7f0e
        resourceVersion: "12"
        generation: 3
        creationTimestamp: 2024-05-01T00:00:00Z
        labels: {team: payments, empty: }
        annotations: {note: "a: b"}
        finalizers: [x]
        managedFields: [{manager: kubectl}]
      """
    let text = Example.varied(Example.store, "name: vault-a", metadata) + "status: {conditions: []}\n"
    let directory = try ManifestDirectory(["a.yaml": text])
    #expect(directory.printed() == [])
    #expect(directory.load().manifests.clusterSecretStores.count == 1)
  }

  @Test("caBundle is decoded, audiences are kept, slashes at the URL's end are cut")
  func federationOptions() throws {
    let pem = Example.pem(certificates: 2)
    let bundle = Data(pem.utf8).base64EncodedString(options: .lineLength64Characters)
    let text = """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: b}
      spec:
        url: https://api.example.org/k8s/clusters/c-1//
        audiences: [one, "two"]
        caBundle: |
          \(bundle.replacingOccurrences(of: "\r\n", with: "\n    "))
      """
    let directory = try ManifestDirectory(["a.yaml": text])
    #expect(directory.printed() == [])
    let federation = try #require(directory.load().manifests.kubernetesFederations.first)
    #expect(federation.url == "https://api.example.org/k8s/clusters/c-1")
    #expect(federation.audiences == ["one", "two"])
    #expect(federation.caBundle == Array(pem.utf8))
  }

  @Test("every documented form of a subject and of a grant is read; absent lists are empty")
  func authorizationForms() throws {
    let flat = Example.varied(
      Example.authorization, "    oidc:\n      issuer: https://kubernetes.default.svc\n      subject:",
      "    issuer: https://kubernetes.default.svc\n    subject:")
    let spiffe = """
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: spiffe}
      spec:
        federationRef: {kind: SpiffeFederation, name: mesh}
        subject:
          spiffe:
            spiffeID: spiffe://example.org/app/ns/default/sa/1/app/pod/2/app-0
        allowedClusterSecretStores: []
        allowedGenerators:
          - name: password
            kind: Password
            namespace: team-a
          - {name: ecr, kind: ECRAuthorizationToken, namespace: team-b,
             apiVersion: generators.external-secrets.io/v1alpha1}
        allowedGeneratorStates:
          - namespace: team-a
      """
    let bare = Example.varied(
      Example.varied(Example.authorization, "name: app", "name: bare"),
      "  allowedClusterSecretStores:\n    - vault-a\n", "  allowedGenerators:\n")
    let directory = try ManifestDirectory([
      "1.yaml": flat, "2.yaml": spiffe, "3.yaml": bare, "4.yaml": Example.federation, "5.yaml": Example.store,
    ])
    let (manifests, diagnostics) = directory.load()
    #expect(
      diagnostics.map(\.message) == [
        "no manifest defines SpiffeFederation `mesh`; until one does, this grant has no effect",
        "no manifest defines Password `team-a/password`; until one does, this grant has no effect",
        "no manifest defines ECRAuthorizationToken `team-b/ecr`; until one does, this grant has no effect",
      ])
    #expect(diagnostics.allSatisfy { $0.severity == .warning })
    let grants = manifests.authorizations
    try #require(grants.map(\.name) == ["app", "spiffe", "bare"])
    #expect(
      grants[0].subject
        == .oidc(issuer: "https://kubernetes.default.svc", subject: "system:serviceaccount:default:app"))
    #expect(grants[1].subject == .spiffe(id: "spiffe://example.org/app/ns/default/sa/1/app/pod/2/app-0"))
    #expect(grants[1].subject.provider == "example.org")
    #expect(
      grants[1].allowedGenerators == [
        GeneratorReference(namespace: "team-a", kind: "Password", name: "password"),
        GeneratorReference(namespace: "team-b", kind: "ECRAuthorizationToken", name: "ecr"),
      ])
    #expect(grants[1].allowedGeneratorStates == ["team-a"])
    #expect(grants[2].allowedClusterSecretStores == [])
    #expect(grants[2].allowedGenerators == [])
  }

  @Test("the fake provider's secrets are read in both versions of ClusterSecretStore")
  func fakeStore() throws {
    let text = """
      apiVersion: external-secrets.io/v1beta1
      kind: ClusterSecretStore
      metadata: {name: fake}
      spec:
        controller: ""
        conditions: []
        provider:
          fake:
            validationResult: 0
            data:
              - key: db/password
                value: s3cret
              - {key: db/password, value: "", version: v2}
              - key: "on"
                value: |
                  two
                  lines
                version: ""
      """
    let directory = try ManifestDirectory([
      "a.yaml": text,
      "b.yaml": Example.varied(Example.varied(text, "v1beta1", "v1"), "name: fake", "name: other"),
    ])
    #expect(directory.printed() == [])
    let stores = directory.load().manifests.clusterSecretStores
    #expect(stores.map(\.name) == ["fake", "other"])
    #expect(
      stores.map(\.provider)
        == Array(
          repeating: .fake([
            FakeSecret(key: "db/password", value: SecretBytes("s3cret")),
            FakeSecret(key: "db/password", value: SecretBytes(""), version: "v2"),
            FakeSecret(key: "on", value: SecretBytes("two\nlines\n")),
          ]), count: 2))
  }

  @Test("a List and a JSON file are read, each item with its own line")
  func listAndJSON() throws {
    let json = """
      {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [
      \t{"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore",
      \t "metadata": {"name": "one"}, "spec": {"provider": {"local": {}}}},
      \t{"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore",
      \t "metadata": {"name": "two"}, "spec": {"provider": {"fake": {"data": []}}}}
      ]}
      """
    let directory = try ManifestDirectory(["list.json": json])
    #expect(directory.printed() == [])
    let stores = directory.load().manifests.clusterSecretStores
    #expect(stores.map(\.name) == ["one", "two"])
    #expect(stores.map(\.location.line) == [2, 4])
  }

  @Test("empty documents and comments are no manifests and no faults")
  func emptyDocuments() throws {
    let directory = try ManifestDirectory(["a.yaml": "# head\n---\n---\n" + Example.store + "---\n"])
    #expect(directory.printed() == [])
    #expect(directory.load().manifests.clusterSecretStores.count == 1)
  }

  @Test("ten thousand manifests load well within the time of a start")
  func manyManifests() throws {
    let grants = (0..<10_000).map { Example.varied(Example.authorization, "name: app", "name: app-\($0)") }
    let directory = try ManifestDirectory([
      "a.yaml": ([Example.federation, Example.store] + grants).joined(separator: "---\n")
    ])
    let clock = ContinuousClock()
    let start = clock.now
    let (manifests, diagnostics) = directory.load()
    let elapsed = clock.now - start
    print("10,000 manifests loaded in \(elapsed)")
    #expect(manifests.authorizations.count == 10_000)
    #expect(diagnostics == [])
    // Generous for a debug build on a busy machine; a release build takes about 0.2 s.
    #expect(elapsed < .seconds(20))
  }
}

extension Example {
  /// PEM in the form of certificates; only the framing is that of real ones.
  static func pem(certificates: Int) -> String {
    (0..<certificates).map { _ in
      let body = Data((0..<90).map { _ in UInt8.random(in: 0...255) })
        .base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
      return "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n"
    }.joined()
  }
}
