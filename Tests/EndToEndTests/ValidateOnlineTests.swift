import FederationAPI
import Foundation
import HTTP1
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ValidateOnlineTests {
  private func validate(_ token: String, _ vault: VaultServer, _ arguments: [String]) async throws -> ChildProgram {
    let directory = try TemporaryDirectory()
    let ca = Data(vault.authority.certificatePEM).base64EncodedString()
    try directory.write(
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: vault}
      stringData: {token: \(token)}
      ---
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: central}
      spec: {provider: {vault: {server: "\(vault.url)", path: secret, caBundle: \(ca), auth: {tokenSecretRef: {name: vault}}}}}
      """, to: "store.yaml")
    let program = try ChildProgram(
      product: "federation-server", arguments: ["validate", "--config", directory.path] + arguments)
    _ = await program.wait()
    return program
  }

  @Test("--online tells a store whose backend lets the server in from one whose backend does not")
  func online() async throws {
    let vault = try await VaultServer()
    let good = try await validate(VaultServer.rootToken, vault, ["--online"])
    #expect(await good.wait() == .status(0))
    #expect(good.stdout.text.contains("store.yaml:6: store `central` works: Vault lets it read below `secret`"))
    let bad = try await validate("hvs.wrong", vault, ["--online"])
    #expect(await bad.wait() == .status(1))
    #expect(bad.stderr.text.contains("store.yaml:6: store `central` cannot be used: Vault answered 403"))
    #expect(!bad.stderr.text.contains("hvs.wrong"))
    // Nobody is asked without it.
    #expect(await (try validate("hvs.wrong", vault, [])).wait() == .status(0))
  }

  @Test("a store that logs in with a service account needs --kubernetes; --online then has the token made")
  func serviceAccount() async throws {
    let cluster = try await KubernetesAPIServer()
    let vault = try await VaultServer()
    try await vault.set([
      "keys": try await cluster.keySet(),
      "accounts": ["system:serviceaccount:default:reader": ["role": "app", "audience": "vault"]],
    ])
    let directory = try TemporaryDirectory()
    let ca = Data(vault.authority.certificatePEM).base64EncodedString()
    try directory.write(
      """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: central}
      spec:
        provider:
          vault:
            server: \(vault.url)
            path: secret
            caBundle: \(ca)
            auth: {kubernetes: {role: app, serviceAccountRef: {name: reader, namespace: default, audiences: [vault]}}}

      """, to: "store.yaml")
    func validate(_ arguments: [String]) async throws -> (exit: ChildProgram.Exit, program: ChildProgram) {
      let program = try ChildProgram(
        product: "federation-server", arguments: ["validate", "--config", directory.path] + arguments)
      return (await program.wait(), program)
    }
    let files = try await validate(["--online"])
    #expect(files.exit == .status(1))
    #expect(
      files.program.stderr.text.contains(
        "store.yaml:10: `spec.provider.vault.auth.kubernetes.serviceAccountRef` needs a cluster that makes the token: "
          + "start the server with `--kubernetes`"), "\(files.program.stderr.text)")
    #expect(try await validate(["--kubernetes"]).exit == .status(0))
    let flags = ["--online", "--kubernetes", "--kubeconfig", cluster.kubeconfigFile]
    let missing = try await validate(flags)
    #expect(missing.exit == .status(1))
    #expect(
      missing.program.stderr.text.contains(
        "store `central` cannot be used: there is no ServiceAccount default/reader"), "\(missing.program.stderr.text)")
    _ = try await cluster.kubectl("create", "serviceaccount", "reader")
    let good = try await validate(flags)
    #expect(good.exit == .status(0))
    #expect(good.program.stdout.text.contains("store `central` works: Vault lets it read below `secret`"))
  }

  @Test("a backend that nobody listens for, or that nobody trusts, is told, of a webhook too, which is sent nothing")
  func unreachable() async throws {
    let asked = Mutex(0)
    let service = try HTTPSServer { _ in
      asked.withLock { $0 += 1 }
      return HTTPServerResponse(status: 200)
    }
    let closed = try ClosedPort()
    defer { withExtendedLifetime(closed) {} }
    let directory = try TemporaryDirectory()
    let ca = Data(try #require(service.authority).certificatePEM).base64EncodedString()
    let other = Data(try TestCertificateAuthority().certificatePEM).base64EncodedString()
    let stores = [
      ("good", service.url, ca), ("mistrusted", service.url, other), ("closed", "https://127.0.0.1:\(closed.port)", ca),
    ]
    try directory.write(
      stores.map { name, url, ca in
        """
        apiVersion: external-secrets.io/v1
        kind: ClusterSecretStore
        metadata: {name: \(name)}
        spec: {provider: {webhook: {url: "\(url)/{{ .remoteRef.key }}", caBundle: \(ca)}}}
        """
      }.joined(separator: "\n---\n"), to: "stores.yaml")
    let program = try ChildProgram(
      product: "federation-server", arguments: ["validate", "--config", directory.path, "--online"])
    #expect(await program.wait() == .status(1))
    #expect(
      program.stdout.text.contains("store `good` works: the webhook's server takes a connection; no request was sent"))
    for name in ["mistrusted", "closed"] {
      #expect(program.stderr.text.contains("store `\(name)` cannot be used: "), "\(name)")
    }
    #expect(asked.withLock { $0 } == 0)
  }

  @Test("a CA may be in a ConfigMap")
  func configMap() async throws {
    let service = try HTTPSServer { _ in HTTPServerResponse(status: 200) }
    let directory = try TemporaryDirectory()
    let pem = String(decoding: try #require(service.authority).certificatePEM, as: UTF8.self)
    try directory.write(
      """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: hook}
      spec:
        provider:
          webhook:
            url: "\(service.url)/{{ .remoteRef.key }}"
            caProvider: {type: ConfigMap, name: kube-root-ca.crt, namespace: default, key: ca.crt}
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: kube-root-ca.crt, namespace: default}
      data:
        ca.crt: |
          \(pem.split(separator: "\n").joined(separator: "\n    "))
      """, to: "store.yaml")
    let program = try ChildProgram(
      product: "federation-server", arguments: ["validate", "--config", directory.path, "--online"])
    #expect(await program.wait() == .status(0))
    #expect(program.stdout.text.contains("store.yaml:1: store `hook` works"))
  }

  @Test("stores are asked at once")
  func together() async throws {
    let names = ["a", "b", "c", "d"]
    // Nobody is answered before all have asked.
    let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])
    let vault = try HTTPSServer { _ in
      await withCheckedContinuation { continuation in
        let all = waiting.withLock { waiting in
          waiting.append(continuation)
          if waiting.count > names.count { return [continuation] }
          return waiting.count == names.count ? waiting : []
        }
        for one in all { one.resume() }
      }
      return HTTPServerResponse(status: 404, body: .plain(Array(#"{"errors":[]}"#.utf8)))
    }
    let directory = try TemporaryDirectory()
    let ca = Data(try #require(vault.authority).certificatePEM).base64EncodedString()
    let token = try directory.write("token", to: "token")
    try directory.write(
      names.map {
        """
        apiVersion: external-secrets.io/v1
        kind: ClusterSecretStore
        metadata: {name: \($0)}
        spec: {provider: {vault: {server: "\(vault.url)", path: secret, caBundle: \(ca), auth: {userPass: {username: a, secretRef: {file: \(token)}}}}}}
        """
      }.joined(separator: "\n---\n"), to: "stores.yaml")
    let program = try ChildProgram(
      product: "federation-server", arguments: ["validate", "--config", directory.path, "--online"])
    #expect(await program.wait() == .status(1))
    #expect(waiting.withLock { $0.count } == names.count)
    for name in names {
      #expect(program.stderr.text.contains("store `\(name)` cannot be used: Vault has no auth method at userpass"))
    }
  }
}
