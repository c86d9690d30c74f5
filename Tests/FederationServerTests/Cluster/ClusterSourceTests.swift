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

  init(unmet: @escaping @Sendable (Manifests) -> [Diagnostic] = { _ in [] }) {
    let (states, sink) = AsyncStream<Manifests>.makeStream()
    self.states = states
    let source = ClusterSource(
      cluster, namespace: nil, refused: refused, log: Log(level: .info, sink: log.add), unmet: unmet)
    task = Task { await source.run { sink.yield($0) } }
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
    let site = Site { manifests in
      manifests.clusterSecretStores.filter { $0.name == "local" }
        .map { Diagnostic(.error, at: $0.location, "start the server with --data DIR") }
    }
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
