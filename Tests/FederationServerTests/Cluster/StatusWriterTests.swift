import JSON
import Kubernetes
import Logging
import Testing

@testable import FederationServer

/// What is written to objects, by a server that leads.
@Suite(.timeLimit(.minutes(1))) struct StatusWriterTests {
  private let cluster = FakeCluster()

  private func run() -> Task<Void, Never> {
    let source = ClusterSource(cluster, ServerFacts(), namespace: nil, log: Log(level: .error) { _ in })
    return Task { await source.run { _ in } }
  }

  private func condition(_ write: FakeCluster.Write?, _ type: String = "Ready") -> [String: JSONValue]? {
    let conditions = write?.patch["status"]?["conditions"]?.array ?? []
    let members = conditions.first { $0["type"]?.string == type }?.object
    return members.map { Dictionary(uniqueKeysWithValues: $0.map { ($0.key.text, $0.value) }) }
  }

  @Test("each object is told what the server makes of it")
  func verdicts() async throws {
    var writes = cluster.writes.makeAsyncIterator()
    let task = run()
    cluster.fill([
      ClusterExamples.federation("broken", url: "http://10.0.0.1", generation: 7), ClusterExamples.federation(),
      ClusterExamples.store(),
    ])
    let store = await writes.next()
    #expect(store?.title == "ClusterSecretStore/vault")
    #expect(condition(store, "FederationReady")?["status"] == "True")
    let broken = await writes.next()
    #expect(broken?.title == "KubernetesFederation/broken")
    let told = try #require(condition(broken))
    #expect(told["status"] == "False" && told["reason"] == "Invalid" && told["observedGeneration"] == 7)
    #expect(told["message"]?.string?.hasPrefix("`spec.url`") == true, "\(told)")
    #expect(told["lastTransitionTime"]?.string?.hasSuffix("Z") == true)
    let good = await writes.next()
    #expect(good?.title == "KubernetesFederation/cluster")
    #expect(condition(good)?["reason"] == "Accepted")
    task.cancel()
    await task.value
  }

  @Test("conditions of others stay, and are not lost to a writer that comes between")
  func otherConditions() async throws {
    var writes = cluster.writes.makeAsyncIterator()
    let others: JSONValue = ["conditions": [["type": "Ready", "status": "True", "reason": "Valid"]]]
    let task = run()
    let told = ClusterExamples.store(version: 1, status: others)
    cluster.fill([told], without: ["MFA"])
    // What the API has is newer than what was told.
    let newer: JSONValue = ["conditions": [["type": "Ready", "status": "False", "reason": "Down"]]]
    cluster.keep(ClusterExamples.store(version: 2, status: newer))
    cluster.tell(.synced, kind: "MFA")
    let write = await writes.next()
    #expect(condition(write)?["reason"] == "Down")
    #expect(condition(write, "FederationReady")?["status"] == "True")
    task.cancel()
    await task.value
  }

  @Test("what is written already, or in vain, is not written again; a failure is tried again")
  func noNeedlessWrites() async throws {
    var writes = cluster.writes.makeAsyncIterator()
    let task = run()
    cluster.fail(KubernetesError(.unavailable, "not now"))
    cluster.fill([ClusterExamples.store("a")])
    #expect(await writes.next()?.title == "ClusterSecretStore/a")
    cluster.dropStatuses()
    // Each later object's write shows that nothing was due of the former ones.
    cluster.tell(.added(ClusterExamples.store("b")), kind: "ClusterSecretStore")
    #expect(await writes.next()?.title == "ClusterSecretStore/b")
    cluster.tell(.added(ClusterExamples.store("c")), kind: "ClusterSecretStore")
    #expect(await writes.next()?.title == "ClusterSecretStore/c")
    cluster.fail(KubernetesError(.forbidden, "not you"))
    cluster.tell(.added(ClusterExamples.store("d")), kind: "ClusterSecretStore")
    cluster.tell(.added(ClusterExamples.store("e")), kind: "ClusterSecretStore")
    #expect(await writes.next()?.title == "ClusterSecretStore/e")
    task.cancel()
    await task.value
  }
}

/// The condition that a verdict comes to.
@Suite struct VerdictTests {
  private func verdict(_ object: KubernetesObject, _ reason: Verdict.Reason = .accepted) -> Verdict {
    Verdict(reason, diagnostics: [], object: object)
  }

  @Test("the time of the last transition is that of the status, not of the message or the generation")
  func transitions() throws {
    var object = ClusterExamples.federation()
    let first = try #require(verdict(object).patch(of: object, type: "Ready", now: "one"))
    object["status"] = first["status"]
    #expect(verdict(object).patch(of: object, type: "Ready", now: "two") == nil)
    object.setMetadata("generation", 2)
    let second = try #require(verdict(object).patch(of: object, type: "Ready", now: "two"))
    #expect(second["status"]?["conditions"]?.array?.first?["lastTransitionTime"] == "one")
    let third = try #require(verdict(object, .invalid).patch(of: object, type: "Ready", now: "three"))
    #expect(third["status"]?["conditions"]?.array?.first?["lastTransitionTime"] == "three")
    #expect(third["metadata"] == ["uid": "uid-cluster", "resourceVersion": "1"])
  }

  @Test("a definition that drops the generation is as good; one who takes the condition away has it back")
  func droppedGeneration() throws {
    var object = ClusterExamples.store()
    let patch = try #require(verdict(object).patch(of: object, type: "FederationReady", now: "one"))
    var condition = try #require(patch["status"]?["conditions"]?.array?.first?.object)
    condition["observedGeneration"] = nil
    object["status"] = ["conditions": [.object(condition)]]
    #expect(verdict(object).patch(of: object, type: "FederationReady", now: "two") == nil)
    #expect(verdict(object, .invalid).patch(of: object, type: "FederationReady", now: "two") != nil)
    object["status"] = ["conditions": []]
    #expect(verdict(object).patch(of: object, type: "FederationReady", now: "two") != nil)
  }
}
