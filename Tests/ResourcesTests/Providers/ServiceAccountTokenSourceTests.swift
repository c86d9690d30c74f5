import Testing

@testable import Resources

@Suite struct ServiceAccountTokenSourceTests {
  private func load(
    _ provider: String, _ fields: String, isForCluster: Bool = true
  ) throws -> (backend: RemoteBackend?, printed: [String]) {
    let directory = try StoreManifest.directory(provider, fields)
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path, isForCluster: isForCluster)
    let printed = diagnostics.map { "\($0.location.line): \($0.message)" }
    guard case .remote(let backend) = manifests.clusterSecretStores.first?.provider else { return (nil, printed) }
    return (backend, printed)
  }

  private static let reader = ResourceName(namespace: "apps", name: "reader")
  private static let vault = "server: https://vault.example\npath: secret\n"

  private func vaultLogin(_ auth: String) throws -> (login: VaultSpec.Authentication?, printed: [String]) {
    let (backend, printed) = try load("vault", Self.vault + "auth: \(auth)")
    guard case .vault(let spec) = backend else { return (nil, printed) }
    return (spec.vault.authentication, printed)
  }

  @Test("a kubernetes store shows the token of an account, of an hour, for the audiences that are named")
  func kubernetes() throws {
    for (audiences, expected) in [("", []), (", audiences: [a, b]", ["a", "b"])] {
      let (backend, printed) = try load(
        "kubernetes", "auth: {serviceAccount: {name: reader, namespace: apps\(audiences)}}")
      guard case .kubernetes(let spec) = backend else { throw Fault(printed) }
      #expect(printed.isEmpty)
      #expect(
        spec.authentication
          == .serviceAccount(
            ServiceAccountTokenSource(account: Self.reader, audiences: expected, expirationSeconds: 3_600)))
    }
  }

  @Test("Vault's kubernetes login has External Secrets' ten minutes, and no audience of its own, of which it warns")
  func vaultKubernetes() throws {
    let auth = "{kubernetes: {role: app, serviceAccountRef: {name: reader, namespace: apps}}}"
    let (login, printed) = try vaultLogin(auth)
    let source = ServiceAccountTokenSource(account: Self.reader, expirationSeconds: 600)
    #expect(login == .serviceAccount(mount: "kubernetes", role: "app", source))
    #expect(printed.count == 1)
    let warning = "10: `spec.provider.vault.auth.kubernetes.serviceAccountRef` names no `audiences`"
    #expect(printed.first?.hasPrefix(warning) == true)
    let named = try vaultLogin(
      "{kubernetes: {mountPath: k8s, role: app, serviceAccountRef: {name: reader, namespace: apps, audiences: [v]}}}")
    #expect(named.printed.isEmpty)
    #expect(
      named.login
        == .serviceAccount(
          mount: "k8s", role: "app",
          ServiceAccountTokenSource(account: Self.reader, audiences: ["v"], expirationSeconds: 600)))
  }

  @Test(
    "Vault's jwt login is for `vault` where no audience is named, beside those of the account",
    arguments: [
      ("{serviceAccountRef: {name: reader, namespace: apps}}", ["vault"], 600),
      ("{serviceAccountRef: {name: reader, namespace: apps}, audiences: []}", ["vault"], 600),
      (
        "{serviceAccountRef: {name: reader, namespace: apps, audiences: [a]}, expirationSeconds: 900}", ["a", "vault"],
        900
      ),
      (
        "{serviceAccountRef: {name: reader, namespace: apps, audiences: [a]}, audiences: [b, c]}", ["a", "b", "c"], 600
      ),
    ])
  func vaultJWT(_ request: String, _ audiences: [String], _ seconds: Int64) throws {
    let (login, printed) = try vaultLogin("{jwt: {role: app, kubernetesServiceAccountToken: \(request)}}")
    let source = ServiceAccountTokenSource(account: Self.reader, audiences: audiences, expirationSeconds: seconds)
    #expect(login == .serviceAccount(mount: "jwt", role: "app", source), "\(printed)")
    #expect(printed.isEmpty)
  }

  @Test(
    "what is wrong is told with its line",
    arguments: [
      (
        "kubernetes", "auth: {serviceAccount: {name: a}}",
        "8: `spec.provider.kubernetes.auth.serviceAccount.namespace` is missing"
      ),
      (
        "kubernetes", "auth: {serviceAccount: {namespace: a}}",
        "8: `spec.provider.kubernetes.auth.serviceAccount.name` is missing"
      ),
      (
        "kubernetes", "auth: {serviceAccount: {name: a/../b, namespace: c}}",
        "8: `spec.provider.kubernetes.auth.serviceAccount.name` `a/../b` is no Kubernetes name"
      ),
      (
        "kubernetes", "auth: {serviceAccount: {name: a, namespace: b/c}}",
        "8: `spec.provider.kubernetes.auth.serviceAccount.namespace` `b/c` is no namespace"
      ),
      (
        "kubernetes", "auth: {serviceAccount: {name: a, namespace: b, audiences: [\"\"]}}",
        "8: `spec.provider.kubernetes.auth.serviceAccount.audiences[0]` is empty"
      ),
      (
        "kubernetes",
        "auth: {serviceAccount: {name: a, namespace: b}, token: {bearerToken: {env: T}}}",
        "8: `spec.provider.kubernetes.auth` must have exactly one of"
      ),
      (
        "vault",
        vault + "auth: {kubernetes: {role: r, secretRef: {env: T}, serviceAccountRef: {name: a, namespace: b}}}",
        "10: `spec.provider.vault.auth.kubernetes.serviceAccountRef` and "
          + "`spec.provider.vault.auth.kubernetes.secretRef` exclude each other"
      ),
      (
        "vault", vault + "auth: {jwt: {kubernetesServiceAccountToken: {audiences: [a]}}}",
        "10: `spec.provider.vault.auth.jwt.kubernetesServiceAccountToken.serviceAccountRef` is missing"
      ),
      (
        "vault",
        vault
          + "auth: {jwt: {kubernetesServiceAccountToken: {serviceAccountRef: {name: a, namespace: b}, expirationSeconds: 599}}}",
        "10: `spec.provider.vault.auth.jwt.kubernetesServiceAccountToken.expirationSeconds` must be between 600 and"
      ),
    ])
  func faults(_ provider: String, _ fields: String, _ expected: String) throws {
    let (backend, printed) = try load(provider, fields)
    #expect(backend == nil)
    #expect(printed.contains { $0.hasPrefix(expected) }, "\(printed)")
  }

  @Test(
    "files without a cluster are told what to do",
    arguments: [
      (
        "kubernetes", "auth: {serviceAccount: {name: a, namespace: b}}", "auth.serviceAccount",
        "`token: {bearerToken: {file: PATH}}`"
      ),
      (
        "vault", vault + "auth: {kubernetes: {role: r, serviceAccountRef: {name: a, namespace: b}}}",
        "auth.kubernetes.serviceAccountRef", "`secretRef: {file: PATH}`"
      ),
      (
        "vault", vault + "auth: {jwt: {kubernetesServiceAccountToken: {serviceAccountRef: {name: a, namespace: b}}}}",
        "auth.jwt.kubernetesServiceAccountToken", "`secretRef: {file: PATH}`"
      ),
    ])
  func withoutCluster(_ provider: String, _ fields: String, _ field: String, _ advice: String) throws {
    let (backend, printed) = try load(provider, fields, isForCluster: false)
    #expect(backend == nil)
    let line = provider == "vault" ? 10 : 8
    #expect(
      printed == [
        "\(line): `spec.provider.\(provider).\(field)` needs a cluster that makes the token: start the server with "
          + "`--kubernetes`, or have the token projected into a file and write \(advice)"
      ])
  }

  @Test("a generator cannot have the server make tokens")
  func generators() throws {
    let directory = try ManifestDirectory([
      "a.yaml": """
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: VaultDynamicSecret
      metadata: {name: a, namespace: team}
      spec:
        path: database/creds/app
        provider:
          server: https://vault.example
          auth:
            kubernetes: {role: r, serviceAccountRef: {name: a, namespace: team}}

      """
    ])
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path, isForCluster: true)
    #expect(manifests.generators.isEmpty)
    #expect(
      diagnostics.contains {
        $0.message.hasSuffix("serviceAccountRef` is for stores; a generator has its credentials from Secrets")
      }, "\(diagnostics)")
  }

  private struct Fault: Error {
    let printed: [String]
    init(_ printed: [String]) { self.printed = printed }
  }
}
