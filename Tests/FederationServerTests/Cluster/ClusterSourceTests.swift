import JSON
import Kubernetes
import Logging
import Resources
import Synchronization
import Testing

@testable import FederationServer

/// What was logged.
private final class Lines: Sendable {
  private let all = Mutex<[String]>([])
  func add(_ line: String) { all.withLock { $0.append(line) } }
  func count(_ part: String) -> Int { all.withLock { $0.count { $0.contains(part) } } }
}

/// A source that runs over a cluster which a test plays.
private final class Site: Sendable {
  let cluster = FakeCluster(leads: false)
  let log = Lines()
  let refused = RefusedObjects()
  private let states: AsyncStream<Manifests>
  private let task: Task<Void, Never>

  init(_ facts: ServerFacts = ServerFacts()) {
    let (states, sink) = AsyncStream<Manifests>.makeStream()
    self.states = states
    let source = ClusterSource(
      cluster, facts, namespace: nil, refused: refused, log: Log(level: .info, sink: log.add))
    task = Task { await source.run { sink.yield($0.manifests) } }
  }

  /// The next manifests that are given out.
  func next() async -> Manifests? {
    for await manifests in states { return manifests }
    return nil
  }

  func end() async {
    task.cancel()
    await task.value
  }
}

/// A ledger that answers as a test has it.
private final class ScriptedLedger: Sendable {
  private let answers: AsyncStream<Set<ResourceName>?>
  private let told: AsyncStream<Set<ResourceName>?>.Continuation

  init() { (answers, told) = AsyncStream.makeStream() }

  /// The next question that has no answer yet gets this one.
  func answer(_ names: Set<ResourceName>?) { told.yield(names) }

  func ask() async -> Set<ResourceName>? {
    for await answer in answers { return answer }
    return nil
  }
}

/// What objects of a cluster come to.
@Suite(.timeLimit(.minutes(1))) struct ClusterSourceTests {
  @Test("nothing is given out before every kind was told, and then everything at once")
  func firstState() async throws {
    let site = Site()
    let objects = [ClusterExamples.federation(), ClusterExamples.authorization(), ClusterExamples.store()]
    site.cluster.fill(objects, without: ["Authorization"])
    site.cluster.tell(.added(ClusterExamples.authorization("late")), kind: "Authorization")
    site.cluster.tell(.synced, kind: "Authorization")
    let first = try #require(await site.next())
    #expect(first.kubernetesFederations.map(\.name) == ["cluster"])
    #expect(first.authorizations.map(\.name) == ["app", "late"])
    #expect(first.clusterSecretStores.map(\.name) == ["vault"])
    #expect(first.authorizations[0].location.description == "Authorization/app")
    await site.end()
  }

  @Test("a kind of External Secrets may be missing, our own may not")
  func missingKinds() async throws {
    let site = Site()
    site.cluster.fill(without: ["MFA", "ClusterSecretStore", "Authorization"])
    let missing = KubernetesError(.notFound, "no such kind")
    for kind in ["MFA", "ClusterSecretStore", "Authorization"] { site.cluster.tell(.failed(missing), kind: kind) }
    // Without the wait for Authorizations this state would come without the grant.
    site.cluster.tell(.added(ClusterExamples.authorization()), kind: "Authorization")
    site.cluster.tell(.synced, kind: "Authorization")
    #expect(await site.next()?.authorizations.count == 1)
    await site.end()
  }

  @Test("an object that cannot be used is left out alone, and that is said once")
  func leftOut() async throws {
    let site = Site()
    site.cluster.fill([
      ClusterExamples.federation("broken", url: "http://10.0.0.1"), ClusterExamples.federation(),
      ClusterExamples.store(),
    ])
    let first = try #require(await site.next())
    #expect(first.kubernetesFederations.map(\.name) == ["cluster"])
    #expect(first.clusterSecretStores.count == 1)
    #expect(site.log.count("\"object\":\"KubernetesFederation/broken\"") == 1)
    #expect(site.refused.byKind == ["KubernetesFederation": 1])
    // Other changes come through, and do not say it again.
    site.cluster.tell(.added(ClusterExamples.store("second")), kind: "ClusterSecretStore")
    #expect(await site.next()?.clusterSecretStores.count == 2)
    #expect(site.log.count("\"object\":\"KubernetesFederation/broken\"") == 1)
    // A repaired object is used, and one that breaks is not.
    site.cluster.tell(
      .modified(ClusterExamples.federation("broken", generation: 2, version: 2)), kind: "KubernetesFederation")
    #expect(await site.next()?.kubernetesFederations.map(\.name) == ["broken", "cluster"])
    #expect(site.refused.byKind == [:])
    site.cluster.tell(
      .modified(ClusterExamples.federation(url: "none", generation: 2, version: 2)), kind: "KubernetesFederation")
    #expect(await site.next()?.kubernetesFederations.map(\.name) == ["broken"])
    await site.end()
  }

  @Test("what the server was not started with leaves out the object that needs it")
  func unmet() async throws {
    var facts = ServerFacts()
    facts.unmet = { manifests in
      manifests.clusterSecretStores.filter { $0.name == "local" }
        .map { Diagnostic(.error, at: $0.location, "start the server with --data DIR") }
    }
    let site = Site(facts)
    site.cluster.fill([ClusterExamples.store("local"), ClusterExamples.store()])
    #expect(await site.next()?.clusterSecretStores.map(\.name) == ["vault"])
    #expect(site.log.count("start the server with --data DIR") == 1)
    await site.end()
  }

  @Test("a grant that is deleted, is being deleted or is narrowed is gone with the next state")
  func deletion() async throws {
    let site = Site()
    site.cluster.fill(["a", "b", "c"].map { ClusterExamples.authorization($0) })
    #expect(await site.next()?.authorizations.count == 3)
    site.cluster.tell(
      .deleted(ObjectIdentity(namespace: nil, name: "a", uid: "uid-a")), kind: "Authorization")
    #expect(await site.next()?.authorizations.map(\.name) == ["b", "c"])
    var held = ClusterExamples.authorization("b", version: 2)
    held.setMetadata("deletionTimestamp", "2026-01-01T00:00:00Z")
    held.setMetadata("finalizers", ["example.org/hold"])
    site.cluster.tell(.modified(held), kind: "Authorization")
    #expect(await site.next()?.authorizations.map(\.name) == ["c"])
    site.cluster.tell(.modified(ClusterExamples.authorization("c", stores: [], version: 2)), kind: "Authorization")
    #expect(await site.next()?.authorizations.map(\.allowedClusterSecretStores) == [[]])
    await site.end()
  }

  @Test("only Secrets that resources refer to are followed; a start waits for them, and a new value is a change")
  func secrets() async throws {
    let site = Site()
    var followed = site.cluster.secretsFollowed.makeAsyncIterator()
    site.cluster.fill([ClusterExamples.okta()])
    #expect(await followed.next() == "external-secrets/okta")
    site.cluster.tell(.added(ClusterExamples.secret(token: "b25l")), secret: "okta", in: "external-secrets")
    site.cluster.tell(.synced, secret: "okta", in: "external-secrets")
    let first = try #require(await site.next())
    #expect(first.secrets.map { $0.values["token"]?.text } == ["one"])
    #expect(site.log.count("no manifest defines Secret") == 0)
    site.cluster.tell(
      .modified(ClusterExamples.secret(token: "dHdv", version: 2)), secret: "okta", in: "external-secrets")
    #expect(await site.next()?.secrets.map { $0.values["token"]?.text } == ["two"])
    // One that is no Secret's value says so without the value, and takes nothing else with it.
    site.cluster.tell(
      .modified(ClusterExamples.secret(token: "%broken%", version: 3)), secret: "okta", in: "external-secrets")
    let broken = try #require(await site.next())
    #expect(broken.secrets.isEmpty && broken.oktaFederations.count == 1)
    #expect(site.log.count("\"object\":\"Secret/external-secrets/okta\"") == 1)
    #expect(site.log.count("%broken%") == 0)
    site.cluster.tell(
      .deleted(ObjectIdentity(namespace: nil, name: "okta", uid: "uid-okta")), kind: "OktaFederation")
    #expect(await followed.next() == "-external-secrets/okta")
    await site.end()
  }

  @Test("an object that is left out has no Secret followed")
  func refusedObject() async throws {
    let site = Site()
    var followed = site.cluster.secretsFollowed.makeAsyncIterator()
    var broken = ClusterExamples.vaultStore("broken", secret: "broken")
    broken["spec"] = ["provider": broken["spec"]?["provider"] ?? .null, "controller": "another"]
    site.cluster.fill([broken, ClusterExamples.vaultStore("good", secret: "good")])
    #expect(await followed.next() == "stores/good")
    site.cluster.tell(.synced, secret: "good", in: "stores")
    #expect(await site.next()?.clusterSecretStores.map(\.name) == ["good"])
    await site.end()
  }

  @Test(
    "past the limit a Secret that is followed stays, and the object that comes too late is named; then it has a place")
  func tooManySecrets() async throws {
    let site = Site()
    let names = (0..<SecretChoice.maximum).map { "m-\($0)" }
    site.cluster.fill(names.map { ClusterExamples.vaultStore($0, secret: $0) })
    for name in names { site.cluster.tell(.synced, secret: name, in: "stores") }
    #expect(await site.next()?.clusterSecretStores.count == names.count)
    var followed = site.cluster.secretsFollowed.makeAsyncIterator()
    for _ in names { #expect(await followed.next()?.hasPrefix("stores/m-") == true) }
    // First by name, and last to come.
    site.cluster.tell(.added(ClusterExamples.vaultStore("a-late", secret: "a-late")), kind: "ClusterSecretStore")
    #expect(await site.next()?.clusterSecretStores.count == names.count + 1)
    #expect(
      site.log.count(
        #""secret_not_followed","secret":"stores/a-late","kind":"Secret","objects":"ClusterSecretStore/a-late""#) == 1)
    // A change of something else says it no second time.
    site.cluster.tell(.added(ClusterExamples.store("fake")), kind: "ClusterSecretStore")
    #expect(await site.next()?.clusterSecretStores.count == names.count + 2)
    #expect(site.log.count("secret_not_followed") == 1)
    site.cluster.tell(
      .deleted(ObjectIdentity(namespace: nil, name: "m-7", uid: "uid-m-7")), kind: "ClusterSecretStore")
    #expect(Set([await followed.next(), await followed.next()]) == ["-stores/m-7", "stores/a-late"])
    await site.end()
  }

  @Test("a Secret that issued credentials need is followed without its object, and while the ledger cannot tell")
  func issuedSecrets() async throws {
    let ledger = ScriptedLedger()
    var facts = ServerFacts()
    facts.issuedSecrets = { await ledger.ask() }
    facts.intervals.issuedSecrets = 0
    let site = Site(facts)
    var followed = site.cluster.secretsFollowed.makeAsyncIterator()
    site.cluster.fill([ClusterExamples.okta()])
    // A start waits for the ledger's word, and for the Secrets that it names.
    ledger.answer([ResourceName(namespace: "team", name: "old")])
    #expect(Set([await followed.next(), await followed.next()]) == ["external-secrets/okta", "team/old"])
    site.cluster.tell(.synced, secret: "okta", in: "external-secrets")
    site.cluster.tell(.added(ClusterExamples.secret("old", in: "team", token: "b25l")), secret: "old", in: "team")
    site.cluster.tell(.synced, secret: "old", in: "team")
    #expect(await site.next()?.secrets.map(\.name) == ["old"])

    // The object goes: until the ledger was asked anew, and again, nobody knows whether its Secret is needed.
    site.cluster.tell(
      .deleted(ObjectIdentity(namespace: nil, name: "okta", uid: "uid-okta")), kind: "OktaFederation")
    #expect(await site.next()?.oktaFederations.isEmpty == true)
    let both: Set = [
      ResourceName(namespace: "team", name: "old"), ResourceName(namespace: "external-secrets", name: "okta"),
    ]
    ledger.answer(both)
    for _ in 0..<3 { ledger.answer(nil) }
    ledger.answer(both)
    // Both were finished with.
    for _ in 0..<4 { ledger.answer([]) }
    #expect(Set([await followed.next(), await followed.next()]) == ["-external-secrets/okta", "-team/old"])
    await site.end()
  }

  @Test("a Secret that may not be read holds up nothing else")
  func forbiddenSecret() async throws {
    let site = Site()
    site.cluster.fill([ClusterExamples.okta(), ClusterExamples.store()])
    site.cluster.tell(
      .failed(KubernetesError(.forbidden, "forbidden")), secret: "okta", in: "external-secrets")
    let first = try #require(await site.next())
    #expect(first.oktaFederations.count == 1 && first.clusterSecretStores.count == 1)
    #expect(site.log.count("no manifest defines Secret `external-secrets/okta`") == 1)
    await site.end()
  }
}
