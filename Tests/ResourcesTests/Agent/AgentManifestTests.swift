import FederationAPI
import Foundation
import Testing

@testable import Resources

/// The kinds that an agent reads.
@Suite struct AgentManifestTests {
  private static let server = "server: {url: \"https://f.example:8443/\"}"

  private func load(_ text: String) throws -> (manifests: AgentManifests, printed: [String]) {
    let directory = try ManifestDirectory(["a.yaml": text])
    let (manifests, diagnostics) = ManifestLoader.loadForAgent(directory: directory.path)
    return (manifests, diagnostics.map { $0.description.replacingOccurrences(of: directory.path + "/", with: "") })
  }

  private func store(_ spec: String) -> String {
    "apiVersion: federation.external-secrets.io/v1alpha1\nkind: FederationStore\nmetadata: {name: s, namespace: n}\nspec: {\(spec)}\n"
  }

  private func externalSecret(_ spec: String, version: String = "v1") -> String {
    """
    apiVersion: external-secrets.io/\(version)
    kind: ExternalSecret
    metadata: {name: e, namespace: n, labels: {l: "1"}, annotations: {a: "2"}}
    spec: {secretStoreRef: {kind: FederationStore, name: s}, \(spec)}

    """
  }

  @Test("a store with each way to prove oneself")
  func stores() throws {
    let ways: [(String, FederationStoreAuth)] = [
      ("tokenSecretRef: {name: t, key: k}", .token(SecretKeySelector(namespace: "n", name: "t", key: "k"))),
      ("kubernetes: {}", .kubernetes(KubernetesStoreAuth())),
      (
        "kubernetes: {serviceAccountRef: {name: sa, audiences: [x, y]}, caFile: /ca}",
        .kubernetes(KubernetesStoreAuth(serviceAccount: "sa", audiences: ["x", "y"], caFile: "/ca"))
      ),
      ("kubernetes: {tokenFile: /t}", .kubernetes(KubernetesStoreAuth(tokenFile: "/t"))),
      (
        "okta: {domain: \"https://o.example\", clientId: c, privateKeyFile: /k, scopes: \"a b\"}",
        .clientCredentials(
          ClientCredentialsAuth(
            provider: .okta(domain: "https://o.example", authorizationServer: ""), clientID: "c",
            privateKeyFile: "/k", scopes: "a b"))
      ),
      (
        "pingidentity: {region: eu, environmentId: e, clientId: c, privateKeyFile: /k, keyId: i, caFile: /ca}",
        .clientCredentials(
          ClientCredentialsAuth(
            provider: .pingIdentity(region: "eu", environmentID: "e"), clientID: "c", privateKeyFile: "/k", keyID: "i",
            caFile: "/ca"))
      ),
    ]
    for (auth, expected) in ways {
      let (manifests, printed) = try load(store("\(Self.server), store: vault, auth: {\(auth)}"))
      #expect(printed == [])
      #expect(
        manifests.federationStores == [
          FederationStoreResource(
            namespace: "n", name: "s", server: FederationServerReference(url: "https://f.example:8443"),
            store: "vault", auth: expected)
        ])
    }
  }

  @Test("a generator, a ConfigMap and a Secret")
  func others() throws {
    let (manifests, printed) = try load(
      """
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: Federation
      metadata: {name: g, namespace: n}
      spec:
        server: {url: "https://f.example", transport: http, caProvider: {type: ConfigMap, name: c, key: ca}}
        generator: {namespace: apps, kind: Password, name: p}
        auth: {tokenSecretRef: {name: t, key: k}, caCertSecretRef: {name: t, key: ca}}
      ---
      {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: n}, data: {ca: PEM}}
      ---
      {apiVersion: v1, kind: Secret, metadata: {name: t, namespace: n}, stringData: {k: v}}
      """)
    #expect(printed.allSatisfy { $0.contains("warning") })
    let secret = SecretKeySelector(namespace: "n", name: "t", key: "k")
    var ca = secret
    ca.key = "ca"
    #expect(
      manifests.federationGenerators == [
        FederationGeneratorResource(
          namespace: "n", name: "g",
          server: FederationServerReference(
            url: "https://f.example", transport: .http,
            certificates: .configMap(SecretKeySelector(namespace: "n", name: "c", key: "ca"))),
          generator: GeneratorReference(namespace: "apps", kind: "Password", name: "p"), token: secret,
          certificates: ca)
      ])
    #expect(manifests.configMaps == [ConfigMapResource(namespace: "n", name: "c", values: ["ca": "PEM"])])
    #expect(manifests.secrets.first?.values == ["k": SecretBytes("v")])
  }

  @Test("an ExternalSecret with ESO's defaults, and with everything said", arguments: ["v1", "v1beta1"])
  func externalSecrets(version: String) throws {
    let plain = try #require(
      try load(externalSecret("data: [{secretKey: a, remoteRef: {key: b}}]", version: version)).manifests
        .externalSecrets.first)
    #expect(plain.refreshPolicy == .periodic && plain.refreshSeconds == 3_600 && plain.store == "s")
    #expect(
      plain.target
        == ExternalSecretTarget(name: "e", creationPolicy: .owner, deletionPolicy: .retain, isImmutable: false))
    #expect(plain.labels == ["l": "1"] && plain.annotations == ["a": "2"])
    #expect(String(decoding: plain.data, as: UTF8.self) == #"[{"remoteRef":{"key":"b"},"secretKey":"a"}]"#)
    #expect(plain.dataFrom.isEmpty)

    let full = try #require(
      try load(
        externalSecret(
          """
          refreshInterval: 1m30s, refreshPolicy: OnChange, dataFrom: [{extract: {key: k}}],
            target: {name: t, creationPolicy: Merge, deletionPolicy: Merge, immutable: true,
              template: {engineVersion: v2, type: x, mergePolicy: Merge, data: {d: "{{ .d }}"}, metadata: {labels: {a: b}}}}
          """)
      ).manifests.externalSecrets.first)
    #expect(full.refreshPolicy == .onChange && full.refreshSeconds == 90)
    #expect(full.target.name == "t" && full.target.creationPolicy == .merge && full.target.deletionPolicy == .merge)
    #expect(
      full.target.template
        == SecretTemplate(type: "x", labels: ["a": "b"], annotations: [:], data: ["d": "{{ .d }}"], mergesData: true))
    #expect(plain.fingerprint != full.fingerprint)
  }

  @Test(
    "what is wrong is said with its field, and what to do",
    arguments: [
      ("\(server), store: v, auth: {}", "`spec.auth` must have exactly one of"),
      ("\(server), store: v, auth: {kubernetes: {}, tokenSecretRef: {name: t, key: k}}", "must have exactly one of"),
      ("\(server), store: v, auth: {spiffe: {}}", "`spec.auth.spiffe` must have either `socketPath`, or"),
      ("\(server), store: v, auth: {spiffe: {socketPath: /a, svidFile: /b, keyFile: /c}}", "must have either"),
      ("\(server), store: v, auth: {spiffe: {socketPath: /a, bundleFile: /b}}", "must have either"),
      ("\(server), store: v, auth: {spiffe: {svidFile: /b}}", "must have either"),
      (
        "\(server), store: v, auth: {spiffe: {socketPath: a}}", "`spec.auth.spiffe.socketPath` must be an absolute path"
      ),
      (
        "\(server), store: v, auth: {spiffe: {socketPath: /a, serverSpiffeID: server}}",
        "`spec.auth.spiffe.serverSpiffeID` must be a SPIFFE ID"
      ),
      (
        "\(server), store: v, auth: {spiffe: {svidFile: /b, keyFile: /c, serverSpiffeID: \"spiffe://td/s\"}}",
        "needs `bundleFile`"
      ),
      ("\(server), store: v, auth: {kubernets: {}}", "unknown field `spec.auth.kubernets`; did you mean `kubernetes`?"),
      (
        "\(server), store: v, auth: {kubernetes: {tokenFile: t}}",
        "`spec.auth.kubernetes.tokenFile` must be an absolute path"
      ),
      ("\(server), store: v, auth: {okta: {clientId: c, privateKeyFile: /k}}", "`spec.auth.okta.domain` is missing"),
      (
        "\(server), store: v, auth: {pingidentity: {region: xx, environmentId: e, clientId: c, privateKeyFile: /k}}",
        "cannot be `xx`"
      ),
      ("\(server), auth: {kubernetes: {}}", "`spec.store` is missing"),
      ("server: {url: \"http://f\"}, store: v, auth: {kubernetes: {}}", "http would show tokens to the network"),
      (
        "server: {url: \"https://f\", transport: quic}, store: v, auth: {kubernetes: {}}",
        "`spec.server.transport` cannot be `quic`"
      ),
      ("server: {url: \"https://f\", caBundle: x}, store: v, auth: {kubernetes: {}}", "`spec.server.caBundle`"),
    ])
  func faults(spec: String, message: String) throws {
    let (manifests, printed) = try load(store(spec))
    #expect(manifests.federationStores == [])
    #expect(printed.count == 1 && printed[0].hasPrefix("a.yaml:") && printed[0].contains(message), "\(printed)")
  }

  @Test("the examples are read without a fault")
  func examples() {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    let directory = root.appendingPathComponent("deploy/examples/agent").path
    let (manifests, diagnostics) = ManifestLoader.loadForAgent(directory: directory)
    #expect(diagnostics == [])
    #expect(manifests.externalSecrets.map(\.name) == ["database", "login"])
    #expect(manifests.federationStores.count == 1 && manifests.federationGenerators.count == 1)
  }

  @Test("each program refuses the other's kinds, and says where they belong")
  func audiences() throws {
    let server = try load("apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: s}\n")
    #expect(server.printed.first?.contains("belongs on the server's side") == true)
    let generator = try load(
      "apiVersion: generators.external-secrets.io/v1alpha1\nkind: Password\nmetadata: {name: s}\n")
    #expect(generator.printed.first?.contains("write a `Federation`") == true)
    let agent = try ManifestDirectory(["a.yaml": store("\(Self.server), store: v, auth: {kubernetes: {}}")])
    #expect(agent.printed().first?.contains("belongs on the client's side") == true)
    #expect(
      try load("apiVersion: v1\nkind: ConfgMap\nmetadata: {name: s}\n").printed.first?.contains(
        "did you mean `ConfigMap`?") == true)
  }
}
