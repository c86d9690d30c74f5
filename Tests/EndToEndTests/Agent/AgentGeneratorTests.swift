import Foundation
import Glibc
import JSON
import TestSupport
import Testing

/// Generators of kind `Federation`: the agent has a server issue credentials, and cleans up.
@Suite(.timeLimit(.minutes(5))) struct AgentGeneratorTests {
  private func generator(_ world: AgentWorld, kind: String = "Password", transport: String = "auto") throws -> String {
    let url = try #require(try world.storeManifest().split(separator: "\n").first { $0.contains("url:") })
    return """
      apiVersion: v1
      kind: Secret
      metadata: {name: ca, namespace: demo}
      stringData: {ca: "\(Data(world.ca.certificatePEM).base64EncodedString())"}
      ---
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: Federation
      metadata: {name: login, namespace: demo}
      spec:
        server: {\(url.trimmingCharacters(in: .whitespaces)), transport: \(transport)}
        generator: {namespace: default, kind: \(kind), name: login}
        auth:
          tokenSecretRef: {name: agent, key: token}
          caCertSecretRef: {name: ca, key: ca}

      """
  }

  private let reference = """
    {sourceRef: {generatorRef: {apiVersion: generators.external-secrets.io/v1alpha1, kind: Federation, name: login}}}
    """

  /// The live states in the server's ledger.
  private func live(_ world: AgentWorld) async throws -> Int {
    let list = try ChildProgram(
      product: "federation-server",
      arguments: ["ledger", "list", "--data", world.directory.path + "/data", "--output", "json"])
    #expect(await list.wait() == .status(0))
    return list.stdout.text.components(separatedBy: "\"phase\":\"live\"").count - 1
  }

  @Test("what is issued stands in the Secret, between what the server resolves", arguments: ["auto", "grpc", "http"])
  func issues(transport: String) async throws {
    let world = try await AgentWorld([("doc", #"{"password":"early","b":"1"}"#), ("late", #"{"b":"2"}"#)])
    try world.write(generator(world, transport: transport), "generator")
    try world.write(
      AgentWorld.externalSecret(
        "login",
        """
        dataFrom:
          - {extract: {key: doc}}
          - \(reference)
          - {extract: {key: late}}
        data: [{secretKey: c, remoteRef: {key: late, property: b}}]
        """), "login")
    let (exit, log) = try await world.once()
    #expect(exit == .status(0), "\(log)")
    let secret = try #require(world.secret("login"))
    #expect(secret["password"]?.count == 20)
    #expect(secret["b"] == "2" && secret["c"] == "2" && secret.count == 3)
    await world.stop()
  }

  @Test("the credential is taken back when the ExternalSecret goes, also after a restart")
  func cleansUp() async throws {
    let world = try await AgentWorld([("unused", "x")])
    try world.write(generator(world), "generator")
    try world.write(AgentWorld.externalSecret("login", "dataFrom: [\(reference)]"), "login")
    #expect(try await world.once().exit == .status(0))
    #expect(try await live(world) == 1)
    // Both are gone when the next agent looks: what it has to do is in the status alone.
    try world.remove("login")
    try world.remove("generator")
    try world.directory.write(
      generator(world).components(separatedBy: "---\n")[0], to: "agent/ca.yaml")
    let (exit, log) = try await world.once()
    #expect(exit == .status(0), "\(log)")
    #expect(world.secret("login") == nil)
    #expect(try await live(world) == 0)
    await world.stop()
  }

  @Test("nothing is issued for an ExternalSecret whose other values fail")
  func readsFirst() async throws {
    let world = try await AgentWorld([("unused", "x")])
    try world.write(generator(world), "generator")
    try world.write(
      AgentWorld.externalSecret("login", "dataFrom: [\(reference), {extract: {key: missing}}]"), "login")
    let (exit, _) = try await world.once()
    #expect(exit == .status(1))
    #expect(world.ready("login")?.message.contains("dataFrom[1]: ") == true, "\(world.ready("login")?.message ?? "")")
    #expect(try await live(world) == 0)
    await world.stop()
  }

  @Test("in a cluster a finalizer holds the ExternalSecret until its credential was taken back")
  func finalizer() async throws {
    let cluster = try await AgentCluster([("unused", "x")])
    try await cluster.apply(cluster.inDefault(generator(cluster.world)))
    try await cluster.create(
      "login", [], more: ["dataFrom": [["sourceRef": ["generatorRef": ["kind": "Federation", "name": "login"]]]]])
    let agent = try await cluster.readyAgent()
    #expect(try await cluster.values("login")?["password"]?.count == 20)
    #expect(try await live(cluster.world) == 1)
    // Nobody can take it back now, so the ExternalSecret stays.
    await cluster.world.stopServer()
    try await cluster.client.delete(AgentCluster.externalSecrets, namespace: "default", name: "login")
    _ = try await agent.stderr.waitForLine(containing: "cleanup_failed")
    #expect(
      try await cluster.client.get(AgentCluster.externalSecrets, namespace: "default", name: "login")
        .deletionTimestamp != nil)
    try await cluster.world.startServer()
    try await cluster.wait("the ExternalSecret is gone", timeoutSeconds: 60) {
      try await cluster.api.kubectl("get", "externalsecret", "login").errors.contains("NotFound")
    }
    #expect(try await live(cluster.world) == 0)
    #expect(await cluster.end(agent) == .status(0))
    try await cluster.stop()
  }

  @Test("errors are worded as ESO words them")
  func errors() async throws {
    let world = try await AgentWorld([("unused", "x")])
    try world.write(generator(world, kind: "UUID"), "generator")
    try world.write(AgentWorld.externalSecret("login", "dataFrom: [\(reference)]"), "login")
    #expect(try await world.once().exit == .status(1))
    #expect(
      world.ready("login")?.message == "could not get secret data from provider: dataFrom[0]: "
        + "federation server returned non-OK status: 404, body: Not Found")
    await world.stopServer()
    #expect(try await world.once().exit == .status(1))
    #expect(world.ready("login")?.message.contains("dataFrom[0]: failed to call federation server: ") == true)
    await world.issuer.stop()
  }
}
