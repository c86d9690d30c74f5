import FederationAPI
import Foundation
import HTTPClient
import JSON
import Kubernetes
import Logging
import TestSupport
import Testing

/// A Kubernetes API with the kinds of deploy/kubernetes/federation-server, an issuer of tokens, and servers that take their
/// resources from there.
final class ServedCluster: Sendable {
  static let issuerName = "https://cluster.example"
  static let authorizations = ResourceType(
    group: "federation.external-secrets.io", version: "v1alpha1", plural: "authorizations", kind: "Authorization",
    isNamespaced: false)
  static let federations = ResourceType(
    group: "identity.federation.external-secrets.io", version: "v1alpha1", plural: "kubernetesfederations",
    kind: "KubernetesFederation", isNamespaced: false)
  static let stores = ResourceType(
    group: "external-secrets.io", version: "v1", plural: "clustersecretstores", kind: "ClusterSecretStore",
    isNamespaced: false)
  static let deployment = URL(fileURLWithPath: #filePath)
    .appendingPathComponent("../../../../deploy/kubernetes/federation-server").standardizedFileURL.path

  let api: KubernetesAPIServer
  let client: KubernetesClient
  let authority: TestCertificateAuthority
  let key: TestSigningKey
  let issuer: OIDCIssuer
  private let certificate: TestCertificateAuthority.ServerCertificate
  private let directory: TemporaryDirectory
  private let http: HTTPClient

  /// Starts the API and the issuer, and has kubectl apply the kinds.
  init() async throws {
    api = try await KubernetesAPIServer()
    client = try api.client()
    authority = try TestCertificateAuthority()
    certificate = try authority.issue(label: "federation")
    key = try TestSigningKey()
    issuer = try OIDCIssuer.start(
      certificate: authority.issue(label: "issuer"), issuer: Self.issuerName, keySet: TestSigningKey.keySet([key]))
    directory = try TemporaryDirectory()
    http = try HTTPClient(log: Log(level: .error))
    for file in ["crds.yaml", "crds-external-secrets.yaml"] {
      let applied = try await api.kubectl("apply", "-f", "\(Self.deployment)/\(file)")
      guard applied.exit == .status(0) else { throw TestSupportError("kubectl apply \(file): \(applied.errors)") }
    }
  }

  // MARK: Objects

  /// Applies manifests with kubectl.
  func apply(_ manifests: String...) async throws {
    let result = try await api.kubectl("apply", "-f", "-", input: manifests.joined(separator: "---\n"))
    guard result.exit == .status(0) else { throw TestSupportError("kubectl apply: \(result.errors)") }
  }

  /// The federation `cluster`, the store `app` that holds `password`, and the grant that the account `app` may read it.
  func applyAll(value: String = "s3cret") async throws {
    try await apply(
      ManifestText.federation("cluster", issuer.url), ManifestText.store("app", [("password", value)]), grant)
  }

  var grant: String {
    ManifestText.authorization("grant", "cluster", issuer: Self.issuerName, stores: ["app"])
  }

  /// A condition of an object as `status reason: message`; empty when it has none.
  func condition(_ type: ResourceType, _ name: String, _ condition: String = "Ready") async throws -> String {
    let object = try await client.get(type, name: name)
    let found = object["status"]?["conditions"]?.array?.first { $0["type"]?.string == condition }
    return [found?["status"], found?["reason"], found?["message"]].compactMap { $0?.string }.joined(separator: " ")
  }

  /// How many statuses were written: a write of which the API says that the object has changed is none.
  func countStatusWrites() async throws -> Int {
    try await api.requests().count { $0.resource.hasSuffix("/status") && $0.status == 200 }
  }

  /// Waits until `condition` holds, looking again whenever a while has passed.
  func wait(_ what: String, timeoutSeconds: Double = 60, until condition: () async throws -> Bool) async throws {
    let deadline = MonotonicTime.now.advanced(bySeconds: timeoutSeconds)
    while try await !condition() {
      guard MonotonicTime.now < deadline else { throw TestSupportError("not within \(timeoutSeconds) s: \(what)") }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Waits until the condition FederationReady of the store `app` begins with `text`.
  func waitForStore(_ text: String) async throws {
    try await wait(text) { try await condition(Self.stores, "app", "FederationReady").hasPrefix(text) }
  }

  // MARK: Servers

  /// Starts a server as the service account `account` of the namespace `default`, with the flags `more`.
  func serve(as account: String = "server", _ more: [String] = []) async throws -> ChildProgram {
    try ChildProgram.server(
      certificate, ["--kubernetes", "--kubeconfig", try await kubeconfig(account), "--loops", "1"] + more)
  }

  /// Starts a server and waits until it serves; gives its port, too.
  func readyServer(
    as account: String = "server", _ more: [String] = []
  ) async throws -> (program: ChildProgram, port: UInt16) {
    let program = try await serve(as: account, more)
    return (program, try await program.servedPort(timeoutSeconds: 60))
  }

  static func user(_ account: String) -> String { "system:serviceaccount:default:\(account)" }

  private func kubeconfig(_ account: String) async throws -> String {
    do throws(KubernetesError) {
      _ = try await client.create(
        KubernetesObject(.serviceAccounts, namespace: "default", name: account), of: .serviceAccounts)
    } catch {
      guard error.kind == .alreadyExists else { throw error }
    }
    let token = try await client.requestToken(
      namespace: "default", serviceAccount: account, audiences: [], expirationSeconds: 3_600)
    return try directory.write(
      """
      apiVersion: v1
      kind: Config
      current-context: test
      clusters: [{name: test, cluster: {server: "\(api.url)", certificate-authority: "\(api.authority.certificateFile)"}}]
      users: [{name: test, user: {token: "\(token.token.text ?? "")"}}]
      contexts: [{name: test, context: {cluster: test, user: test}}]

      """, to: "kubeconfig-\(account)")
  }

  func token() throws -> String { try key.token(ServiceAccountClaims(issuer: Self.issuerName)) }

  /// Asks the server at `port` for `password` of the store `app`: the status, and the answer's text.
  func ask(_ port: UInt16) async throws -> (status: Int, text: String) {
    let question = HTTPQuestion(
      authorization: "Bearer \(try token())", store: "app", secret: "password",
      certificates: authority.certificatePEM)
    let answer = try await http.send(
      question.request(origin: "https://127.0.0.1:\(port)", serverCertificates: authority.certificatePEM))
    return (answer.status, String(decoding: answer.body, as: UTF8.self))
  }

  /// Asks the server at `port` for a credential of a generator, `namespace/kind/name`: the status.
  func generate(_ generator: String, _ port: UInt16) async throws -> Int {
    let body: JSONValue = ["ca.crt": .string(Data(authority.certificatePEM).base64EncodedString())]
    let answer = try await http.send(
      HTTPRequest(
        method: "POST", url: "https://127.0.0.1:\(port)/generators/\(generator)",
        headers: [("Authorization", "Bearer \(try token())"), ("Content-Type", "application/json")],
        body: body.encoded(), caCertificates: authority.certificatePEM, timeoutSeconds: 60))
    return answer.status
  }

  /// Waits until the server at `port` answers with `value`.
  func waitForValue(_ value: String, _ port: UInt16) async throws {
    try await wait("the value \(value)") { try await ask(port) == (200, "\"\(value)\"\n") }
  }

  /// Has esi-cli fetch `password` over ttrpc and print it.
  func fetch(_ port: UInt16) async throws -> (exit: ChildProgram.Exit, output: String, errors: String) {
    let file = try directory.write(try token(), to: "token")
    let esi = try ChildProgram(
      product: "esi-cli",
      arguments: [
        "--mode=init", "--federated-server-url=https://127.0.0.1:\(port)", "--federated-token=\(file)",
        "--federated-ca-crt=\(authority.certificateFile)", "--federated-transport=rpc",
        "--inject-on-env=PASSWORD=app.password", "--binary-path=/usr/bin/printenv", "--args=PASSWORD",
      ])
    return (await esi.wait(), esi.stdout.text, esi.stderr.text)
  }

  /// Ends servers in order, and all else.
  func stop(_ servers: ChildProgram...) async throws {
    for server in servers {
      server.signal(SIGTERM)
      #expect(await server.wait() == .status(0))
    }
    try await api.stop()
    await issuer.stop()
    http.close()
  }
}
