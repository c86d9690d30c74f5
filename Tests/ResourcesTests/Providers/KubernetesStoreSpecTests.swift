import Testing

@testable import Resources

@Suite struct KubernetesStoreSpecTests {
  private func load(_ fields: String) throws -> (KubernetesStoreSpec?, [String]) {
    let directory = try StoreManifest.directory("kubernetes", fields)
    guard case .remote(.kubernetes(let spec)) = directory.load().manifests.clusterSecretStores.first?.provider else {
      return (nil, directory.printed())
    }
    return (spec, directory.printed())
  }

  @Test("a token is enough: the server is then the cluster's own")
  func least() throws {
    let (spec, printed) = try load("auth: {token: {bearerToken: {file: /nonexistent/token}}}")
    #expect(printed.count == 1 && printed[0].contains("names no file of this machine"))
    let server = try #require(BackendURL("https://kubernetes.default"))
    #expect(spec == KubernetesStoreSpec(server: server, authentication: .token(.file("/nonexistent/token"))))
  }

  @Test("server, namespace and a client certificate are read")
  func all() throws {
    let (spec, printed) = try load(
      """
      server: {url: "https://10.0.0.1:6443", caProvider: {type: Secret, name: ca, key: ca.crt}}
      remoteNamespace: apps
      auth: {cert: {clientCert: {name: own}, clientKey: {name: own, namespace: keys}}}
      """)
    #expect(printed.count == 3 && printed.allSatisfy { $0.hasSuffix("until one does, this store cannot be used") })
    let server = try #require(BackendURL("https://10.0.0.1:6443"))
    #expect(
      spec
        == KubernetesStoreSpec(
          server: server, trust: .secret(SecretKeySelector(namespace: "default", name: "ca", key: "ca.crt")),
          namespace: "apps",
          authentication: .certificate(
            .secret(SecretKeySelector(namespace: "default", name: "own", key: "tls.crt")),
            privateKey: .secret(SecretKeySelector(namespace: "keys", name: "own", key: "tls.key")))))
  }

  @Test(
    "what is wrong, or is not served, is told with its line",
    arguments: [
      ("server: {}", "7: `spec.provider.kubernetes.auth` is missing"),
      ("auth: {}", "8: `spec.provider.kubernetes.auth` must have exactly one of `token`, `cert` and `serviceAccount`"),
      ("auth: {serviceAccount: {name: a}}", "8: `spec.provider.kubernetes.auth.serviceAccount` needs a cluster"),
      ("authRef: {name: a, key: b}", "8: `spec.provider.kubernetes.authRef` is not served"),
      ("auth: {token: {}}", "8: `spec.provider.kubernetes.auth.token.bearerToken` is missing"),
      (
        "auth: {token: {bearerToken: {env: T}}}\nserver: {url: \"http://a.example\"}",
        "9: `spec.provider.kubernetes.server.url` must begin with `https://`"
      ),
      ("auth: {token: {bearerToken: {env: T}}}\nremoteNamespace: A/b", "9: `spec.provider.kubernetes.remoteNamespace`"),
    ])
  func faults(_ fields: String, _ expected: String) throws {
    let (spec, printed) = try load(fields)
    #expect(spec == nil)
    #expect(printed.contains { $0.hasPrefix("a.yaml:\(expected)") }, "\(printed)")
  }
}
