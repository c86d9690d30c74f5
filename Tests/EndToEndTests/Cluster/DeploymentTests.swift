import Foundation
import Kubernetes
import Resources
import TestSupport
import Testing
import YAML

/// The manifests of deploy/kubernetes/federation-server against what a server does.
@Suite(.timeLimit(.minutes(5))) struct DeploymentTests {
  /// What RBAC calls one request.
  private struct Access: Hashable {
    var verb: String
    var group: String
    var resource: String
  }

  @Test("the roles allow every request that a server makes, and no verb that it never needs")
  func roles() async throws {
    let cluster = try await ServedCluster()
    _ = try await cluster.api.kubectl("create", "namespace", "external-secrets")
    let (server, port) = try await cluster.readyServer()
    try await cluster.applyAll()
    try await cluster.apply(
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: okta-api-token, namespace: external-secrets}
      stringData: {token: of-okta}
      ---
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: OktaFederation
      metadata: {name: okta}
      spec:
        domain: https://example.okta.com
        audiences: [federation]
        managementAPI: {apiTokenSecretRef: {name: okta-api-token, key: token}}
      ---
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: Password
      metadata: {name: login, namespace: default}
      spec: {length: 20}

      """)
    try await cluster.waitForValue("s3cret", port)
    let okta = ResourceType(
      group: "identity.federation.external-secrets.io", version: "v1alpha1", plural: "oktafederations",
      kind: "OktaFederation", isNamespaced: false)
    try await cluster.wait("the Secret is found") {
      try await cluster.condition(okta, "okta") == "True Accepted the server uses it"
    }
    let password = ResourceType(
      group: "generators.external-secrets.io", version: "v1alpha1", plural: "passwords", kind: "Password")
    try await cluster.wait("a generator without a ledger says so") {
      let object = try await cluster.client.get(password, namespace: "default", name: "login")
      let message = object["status"]?["conditions"]?.array?.first?["message"]?.string
      return message?.contains("start the server with --data DIR") == true
    }
    let made = try await cluster.api.requests().filter { $0.user == ServedCluster.user("server") }
    let allowed = try Self.allowed()
    for request in made {
      let access = Self.access(request)
      #expect(allowed.contains(access), "\(access)")
    }
    let writes = made.filter { $0.verb == "patch" }
    #expect(!writes.isEmpty && writes.allSatisfy { $0.path.hasSuffix("/status?fieldManager=federation-server") })
    // The one Secret alone was read.
    let secrets = made.filter { $0.resource == "secrets" }
    #expect(!secrets.isEmpty)
    #expect(
      secrets.allSatisfy {
        $0.path.contains("/namespaces/external-secrets/secrets?fieldSelector=metadata.name%3Dokta-api-token")
      })
    let verbs = Set(allowed.map(\.verb))
    #expect(verbs == ["get", "list", "watch", "patch", "create", "update"])
    #expect(allowed.filter { $0.verb == "patch" }.allSatisfy { $0.resource.hasSuffix("/status") })
    #expect(server.stderr.text.contains("of-okta") == false)
    try await cluster.stop(server)
  }

  @Test("the probes ask what a server with the container's flags answers")
  func probes() async throws {
    let container = try #require(try Self.container())
    let arguments = Self.items(container["args"]).map(Self.word)
    let listen = try #require(arguments.first { $0.hasPrefix("--metrics-listen=0.0.0.0:") })
    let number = listen.split(separator: ":").last.map(String.init)
    let port = Self.items(container["ports"]).first { Self.word($0["containerPort"]) == number }
    let (directory, authority) = (try TemporaryDirectory(), try TestCertificateAuthority())
    let certificate = try authority.issue()
    let server = try ChildProgram.server(
      certificate,
      ["--config", directory.path, "--metrics-listen=0.0.0.0:0"]
        + arguments.filter { $0.contains("metrics") && $0 != listen })
    let ready = try await server.stdout.waitForLine(prefix: "ready listen=")
    let own = try #require(ready.split(separator: ":").last)
    for probe in ["readinessProbe", "livenessProbe"] {
      let asked = try #require(container[probe]?["httpGet"])
      #expect(port != nil && Self.word(asked["port"]) == Self.word(port?["name"]))
      #expect(try await Scrape.curl("http://127.0.0.1:\(own)\(Self.word(asked["path"]))").status == "200")
    }
    server.signal(SIGTERM)
    #expect(await server.wait(timeoutSeconds: 20) == .status(0))
  }

  /// The server's container.
  private static func container() throws -> YAMLNode? {
    let text = try String(contentsOfFile: "\(ServedCluster.deployment)/server.yaml", encoding: .utf8)
    var texts = RepeatedText()
    var container: YAMLNode?
    YAMLStream.read(text.utf8.span.bytes, reusing: &texts) { document in
      guard let root = document.root, word(root["kind"]) == "Deployment" else { return }
      container = items(root["spec"]?["template"]?["spec"]?["containers"]).first
    }
    return container
  }

  private static func access(_ request: KubernetesAPIServer.Request) -> Access {
    let parts = request.path.split(separator: "/")
    return Access(verb: request.verb, group: parts[0] == "api" ? "" : String(parts[1]), resource: request.resource)
  }

  /// What the rules of the deployment allow.
  private static func allowed() throws -> Set<Access> {
    let text = try String(contentsOfFile: "\(ServedCluster.deployment)/server.yaml", encoding: .utf8)
    var texts = RepeatedText()
    var allowed: Set<Access> = []
    YAMLStream.read(text.utf8.span.bytes, reusing: &texts) { document in
      guard let root = document.root, ["Role", "ClusterRole"].contains(word(root["kind"])) else { return }
      for rule in items(root["rules"]) {
        for group in items(rule["apiGroups"]) {
          for resource in items(rule["resources"]) {
            for verb in items(rule["verbs"]) {
              allowed.insert(Access(verb: word(verb), group: word(group), resource: word(resource)))
            }
          }
        }
      }
    }
    return allowed
  }

  private static func items(_ node: YAMLNode?) -> [YAMLNode] {
    if case .sequence(let items)? = node?.content { items } else { [] }
  }

  private static func word(_ node: YAMLNode?) -> String {
    if case .scalar(let text, _)? = node?.content { text } else { "" }
  }
}
