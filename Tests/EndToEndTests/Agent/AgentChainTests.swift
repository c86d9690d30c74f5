import FederationServer
import Foundation
import Glibc
import HTTPClient
import Logging
import TestSupport
import Testing

/// Two servers: an agent takes secrets from B and writes stores among A's manifests.
@Suite(.timeLimit(.minutes(5))) struct AgentChainTests {
  @Test("B's store changes every 100 ms; in the end A serves what B does")
  func chain() async throws {
    let seconds = Double(ProcessInfo.processInfo.environment["AGENT_CHAIN_SECONDS"] ?? "") ?? 5
    let b = try await AgentWorld([("one", "0"), ("two", "0")])
    try b.write(
      AgentWorld.externalSecret(
        "upstream",
        """
        refreshInterval: 1s
        target: {creationPolicy: Orphan}
        data:
          - {secretKey: one, remoteRef: {key: one}}
          - {secretKey: two, remoteRef: {key: two}}
        """), "upstream")
    let a = try await RunningFederation(watchesManifests: true)
    try a.manifests.write(
      ManifestText.authorization(
        "chain", "cluster", issuer: RunningFederation.issuerName, stores: ["demo.upstream"]), to: "chain.yaml")
    let agent = try ChildProgram(
      product: "ese-agent",
      arguments: [
        "--manifests", b.directory.path + "/agent", "--output", a.manifests.path + "/upstream", "--status",
        b.directory.path + "/status", "--output-format", "store",
      ])
    _ = try await agent.stdout.waitForLine(prefix: "ready")
    let clock = ContinuousClock()
    let start = clock.now
    var round = 0
    while start.duration(to: clock.now) < .seconds(seconds) {
      round += 1
      try b.put("\(round)", "one")
      try b.put("\(-round)", "two")
      try await clock.sleep(until: start + .milliseconds(100 * round))
    }
    let token = try a.token()
    for (key, value) in [("one", "\(round)"), ("two", "\(-round)")] {
      var answer = ""
      for _ in 0..<600 where answer != "\"\(value)\"\n" {
        answer = String(
          decoding: try await a.ask(token, store: "demo.upstream", secret: key).body, as: UTF8.self)
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(answer == "\"\(value)\"\n")
    }
    #expect(round > 10)
    agent.signal(SIGTERM)
    #expect(await agent.wait() == .status(0))
    await a.stop()
    await b.stop()
  }
}
