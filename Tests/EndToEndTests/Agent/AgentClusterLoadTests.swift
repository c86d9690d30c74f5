import FederationAPI
import Foundation
import Glibc
import Kubernetes
import TestSupport
import Testing

/// Many ExternalSecrets, an API that goes away, and two agents.
@Suite(.timeLimit(.minutes(10))) struct AgentClusterLoadTests {
  private static let count = 500

  private func values(_ cluster: AgentCluster) async throws -> [String: [String: String]] {
    var values: [String: [String: String]] = [:]
    _ = try await cluster.client.list(.secrets, namespace: "default") { page in
      for secret in page where secret.labels["reconcile.external-secrets.io/managed"] == "true" {
        values[secret.name] = AgentCluster.values(secret)
      }
    }
    return values
  }

  private func seconds(_ name: String, _ fallback: Double) -> Double {
    Double(ProcessInfo.processInfo.environment[name] ?? "") ?? fallback
  }

  @Test("500 ExternalSecrets become 500 right Secrets; the API is cut, and nothing is lost or doubled")
  func many() async throws {
    let secrets = (0..<Self.count).map { (key: "key-\($0)", value: "value \($0)") }
    let cluster = try await AgentCluster(secrets)
    for index in 0..<Self.count {
      try await cluster.create("es-\(index)", [AgentCluster.item("key-\(index)", as: "value")], interval: "1h")
    }
    let agent = try await cluster.readyAgent()
    var expected = Dictionary(
      uniqueKeysWithValues: (0..<Self.count).map { ("es-\($0)", ["value": "value \($0)"]) })
    #expect(try await values(cluster) == expected)

    // While the API is away the store changes; each ExternalSecret is asked to look again as soon as it is back.
    try await cluster.api.stop()
    for index in 0..<50 {
      try cluster.world.put("changed \(index)", "key-\(index)")
      expected["es-\(index)"] = ["value": "changed \(index)"]
    }
    try await Task.sleep(for: .seconds(seconds("AGENT_API_CUT_SECONDS", 3)))
    try await cluster.api.start()
    for index in 0..<50 {
      _ = try await cluster.client.patch(
        AgentCluster.externalSecrets, namespace: "default", name: "es-\(index)",
        mergePatch: ["metadata": ["annotations": ["force-sync": "1"]]])
    }
    let last = expected
    try await cluster.wait("all values after the cut", timeoutSeconds: 60) { try await values(cluster) == last }
    // Nothing was made twice.
    let created = try await cluster.api.requests(for: "secrets").count { $0.verb == "create" && $0.status == 201 }
    #expect(created == Self.count + 1)
    for index in [0, 49, 50, 499] {
      #expect(try await cluster.ready("es-\(index)") == "True SecretSynced secret synced")
    }
    #expect(await cluster.end(agent) == .status(0))
    try await cluster.stop()
  }

  @Test("50 of 500 values change, and reach their Secrets by watch, long before the interval is over")
  func watched() async throws {
    let secrets = (0..<Self.count).map { (key: "key-\($0)", value: "value \($0)") }
    let cluster = try await AgentCluster(secrets)
    for index in 0..<Self.count {
      try await cluster.create("es-\(index)", [AgentCluster.item("key-\(index)", as: "value")], interval: "1h")
    }
    let agent = try await cluster.readyAgent(["--log-level", "debug"])
    _ = try await agent.stderr.waitForLine(containing: "\"secrets\":\"\(Self.count)\"", timeoutSeconds: 60)
    var expected = Dictionary(
      uniqueKeysWithValues: (0..<Self.count).map { ("es-\($0)", ["value": "value \($0)"]) })
    var worst = 0.0
    // Another time after the agent has done what it does at its start.
    for round in ["one", "two"] {
      let changes = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key-\($0 * 10)", "\(round) \($0)") })
      for index in 0..<50 { expected["es-\(index * 10)"] = ["value": "\(round) \(index)"] }
      let last = expected
      let start = MonotonicTime.now
      try cluster.world.put(changes)
      try await cluster.wait("the changed values", timeoutSeconds: 60) { try await values(cluster) == last }
      worst = Double(start.nanoseconds(until: .now)) / 1e9
      print("50 of \(Self.count) changed values reached their Secrets in \(worst) s (\(round))")
    }
    #expect(worst < seconds("AGENT_WATCH_SECONDS", 10))
    // A server that was away is watched again.
    await cluster.world.stopServer()
    try await cluster.world.startServer()
    try cluster.world.put("after the restart", "key-7")
    expected["es-7"] = ["value": "after the restart"]
    let end = expected
    try await cluster.wait("the value after the restart", timeoutSeconds: 60) { try await values(cluster) == end }
    #expect(await cluster.end(agent) == .status(0))
    try await cluster.stop()
  }

  @Test("of two agents one leads; another takes over within 15 s of its sudden end, and at once after an orderly one")
  func leaders() async throws {
    let cluster = try await AgentCluster([("password", "one")])
    try await cluster.create("database", [AgentCluster.item("password")], interval: "1s")
    let first = try await cluster.readyAgent(["--leader-elect"])
    let second = try cluster.agent(["--leader-elect"])
    #expect(try await cluster.values("database") == ["password": "one"])
    // The second looks at the Lease and stands by.
    try await cluster.wait("the second asks for the Lease") {
      try await cluster.api.requests(for: "leases").count { $0.verb == "get" } > 3
    }
    #expect(!second.stderr.text.contains("\"event\":\"leading\""))
    let killed = MonotonicTime.now
    first.signal(SIGKILL)
    _ = await first.wait()
    _ = try await second.stderr.waitForLine(containing: "\"event\":\"leading\"", timeoutSeconds: 30)
    let handOver = Double(killed.nanoseconds(until: .now)) / 1e9
    #expect(handOver < 15, "\(handOver) s")
    try cluster.world.put("two", "password")
    try await cluster.wait("the second works") { try await cluster.values("database") == ["password": "two"] }
    // An orderly end gives the Lease up.
    let third = try cluster.agent(["--leader-elect"])
    try await cluster.wait("the third stands by") {
      try await cluster.api.requests(for: "leases").count { $0.verb == "get" } > 10
    }
    #expect(await cluster.end(second) == .status(0))
    _ = try await third.stderr.waitForLine(containing: "\"event\":\"leading\"", timeoutSeconds: 6)
    #expect(await cluster.end(third) == .status(0))
    try await cluster.stop()
  }
}
