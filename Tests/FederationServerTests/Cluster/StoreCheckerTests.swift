import JSON
import Kubernetes
import Logging
import Resources
import Synchronization
import Testing

@testable import FederationServer

/// Backends that answer as a test has it.
private final class Backends: Sendable {
  private let answers = Mutex<[String: StoreCheck]>([:])
  private let asked = Mutex(0)
  private let hangs = Atomic(false)

  var count: Int { asked.withLock { $0 } }
  func answer(_ store: String, _ check: StoreCheck) { answers.withLock { $0[store] = check } }
  func hang() { hangs.store(true, ordering: .relaxed) }

  func check(_ store: String) async -> StoreCheck {
    asked.withLock { $0 += 1 }
    // Nothing ends it but the test.
    if hangs.load(ordering: .relaxed) { try? await Task.sleep(for: .seconds(3_600)) }
    return answers.withLock { $0[store] } ?? .passed
  }
}

/// A cluster with a server that serves each state at once, and leads.
private final class Site: Sendable {
  let cluster = FakeCluster()
  let backends = Backends()
  let source: ClusterSource
  private let task: Task<Void, Never>

  init(servesAtOnce: Bool = true, _ change: (inout ServerFacts) -> Void = { _ in }) {
    var facts = ServerFacts()
    facts.check = { [backends] in await backends.check($0) }
    change(&facts)
    let source = ClusterSource(cluster, facts, namespace: nil, log: Log(level: .error) { _ in })
    self.source = source
    task = Task {
      await source.run { state in
        if servesAtOnce { Task { await source.note(served: state.revision) } }
      }
    }
  }

  /// Tells of `objects`, and of the Secret `name` with `token`, in base64, where it is there.
  func fill(_ objects: [KubernetesObject], secret name: String, token: String?) {
    cluster.fill(objects)
    if let token { tell(.added(ClusterExamples.secret(name, in: "stores", token: token)), name) }
    tell(.synced, name)
  }

  func tell(_ event: ObjectEvent, _ secret: String) { cluster.tell(event, secret: secret, in: "stores") }

  func end() async {
    task.cancel()
    await task.value
  }
}

extension FakeCluster.Write {
  /// The write's condition of that type as `status reason: message`.
  fileprivate func condition(_ type: String) -> String {
    let found = patch["status"]?["conditions"]?.array?.first { $0["type"]?.string == type }
    return "\(found?["status"]?.string ?? "") \(found?["reason"]?.string ?? ""): \(found?["message"]?.string ?? "")"
  }

  fileprivate var told: String { "\(title) \(condition("FederationReady"))" }
}

/// What a store's condition says of its backend.
@Suite(.timeLimit(.minutes(1))) struct StoreCheckerTests {
  @Test("the condition is the backend's answer, and is written when that changes, and not otherwise")
  func answers() async throws {
    let site = Site { ($0.intervals.check, $0.intervals.checkAgain) = (0.001, 0.001) }
    site.backends.answer("vault", .failed(reason: "Failed to connect to vault port 1 after 17 ms: refused"))
    var writes = site.cluster.writes.makeAsyncIterator()
    site.fill([ClusterExamples.vaultStore("vault", secret: "s")], secret: "s", token: "b25l")
    let failed = "ClusterSecretStore/vault False CheckFailed: its backend cannot be used: "
    #expect(await writes.next()?.told == failed + "Failed to connect to vault port 1: refused")
    // Another time for the same failure is nothing new.
    site.backends.answer("vault", .failed(reason: "Failed to connect to vault port 1 after 2 ms: refused"))
    let count = site.backends.count
    while site.backends.count < count + 3 { await Task.yield() }
    site.backends.answer("vault", .passed)
    #expect(await writes.next()?.told == "ClusterSecretStore/vault True Accepted: the server uses it")
    site.backends.answer("vault", .failed(reason: "Vault answered 403"))
    #expect(await writes.next()?.told == failed + "Vault answered 403")
    await site.end()
  }

  @Test("a store is not asked before the server has built it, and nothing is said of it until then")
  func unserved() async throws {
    let site = Site(servesAtOnce: false)
    var writes = site.cluster.writes.makeAsyncIterator()
    site.fill(
      [ClusterExamples.vaultStore("a", secret: "s"), ClusterExamples.store("b")], secret: "s", token: "b25l")
    // The one that has no backend.
    #expect(await writes.next()?.told == "ClusterSecretStore/b True Accepted: the server uses it")
    #expect(site.backends.count == 0)
    await site.source.note(served: 1)
    #expect(await writes.next()?.told == "ClusterSecretStore/a True Accepted: the server uses it")
    #expect(site.backends.count == 1)
    await site.end()
  }

  @Test("another spec, another value of its Secret or another object of its name is asked at once")
  func changes() async throws {
    let site = Site()
    var writes = site.cluster.writes.makeAsyncIterator()
    site.backends.answer("vault", .failed(reason: "denied"))
    site.fill([ClusterExamples.vaultStore("vault", secret: "s")], secret: "s", token: "b25l")
    #expect(await writes.next()?.told.hasSuffix(": denied") == true)
    site.backends.answer("vault", .passed)
    site.tell(.modified(ClusterExamples.secret("s", in: "stores", token: "dHdv", version: 2)), "s")
    #expect(await writes.next()?.told.contains(" True Accepted") == true)
    site.backends.answer("vault", .failed(reason: "not there"))
    var changed = ClusterExamples.vaultStore("vault", secret: "s", generation: 2, version: 900)
    changed["spec"] = [
      "provider": [
        "vault": [
          "server": "https://other.example", "path": "secret",
          "auth": ["tokenSecretRef": ["name": "s", "key": "token", "namespace": "stores"]],
        ]
      ]
    ]
    site.cluster.tell(.modified(changed), kind: "ClusterSecretStore")
    #expect(await writes.next()?.told.hasSuffix(": not there") == true)
    #expect(site.backends.count == 3)
    await site.end()
  }

  @Test("a store whose Secret is deleted says so, is not asked, and recovers with the Secret")
  func removedSecret() async throws {
    let site = Site()
    var writes = site.cluster.writes.makeAsyncIterator()
    site.fill([ClusterExamples.vaultStore("vault", secret: "s")], secret: "s", token: "b25l")
    #expect(await writes.next()?.told.contains(" True Accepted") == true)
    site.tell(.deleted(ObjectIdentity(namespace: "stores", name: "s", uid: "uid-secret")), "s")
    let missing = "ClusterSecretStore/vault False SecretMissing: no manifest defines Secret `stores/s`"
    #expect(await writes.next()?.told.hasPrefix(missing) == true)
    #expect(site.backends.count == 1)
    site.tell(.added(ClusterExamples.secret("s", in: "stores", token: "dHdv", version: 2)), "s")
    #expect(await writes.next()?.told.contains(" True Accepted") == true)
    #expect(site.backends.count == 2)
    await site.end()
  }

  @Test("nothing is said of a store that is yet to hear of its Secret")
  func unreadSecret() async throws {
    let site = Site()
    var writes = site.cluster.writes.makeAsyncIterator()
    site.cluster.fill([ClusterExamples.store("a")])
    #expect(await writes.next()?.title == "ClusterSecretStore/a")
    site.cluster.tell(.added(ClusterExamples.vaultStore("late", secret: "s")), kind: "ClusterSecretStore")
    site.cluster.tell(.added(ClusterExamples.store("z")), kind: "ClusterSecretStore")
    #expect(await writes.next()?.title == "ClusterSecretStore/z")
    #expect(site.backends.count == 0)
    site.tell(.synced, "s")
    #expect(await writes.next()?.told.hasPrefix("ClusterSecretStore/late False SecretMissing") == true)
    await site.end()
  }

  @Test("a check that never ends is over after its time, and holds up no other store for longer")
  func hanging() async throws {
    let site = Site { $0.intervals.checkLimit = 0.05 }
    site.backends.hang()
    var writes = site.cluster.writes.makeAsyncIterator()
    let names = ["a", "b", "c", "d", "e", "f"]
    site.fill(names.map { ClusterExamples.vaultStore($0, secret: "s") }, secret: "s", token: "b25l")
    var told: Set<String> = []
    for _ in names { told.insert(await writes.next()?.told ?? "") }
    #expect(told.count == names.count)
    #expect(told.allSatisfy { $0.hasSuffix("CheckFailed: its backend cannot be used: it did not answer within 0 s") })
    await site.end()
  }

  @Test("a SpiffeFederation of a server without a port for it, and an object past the limit of Secrets, say so")
  func otherReasons() async throws {
    let site = Site { facts in
      facts.unserved = { manifests in
        manifests.spiffeFederations.map { Diagnostic(.warning, at: $0.location, "start with --spiffe-listen") }
      }
    }
    var writes = site.cluster.writes.makeAsyncIterator()
    let stores = (0...SecretChoice.maximum).map { index in
      var store = ClusterExamples.vaultStore(
        "s-\(1_000 + index)", secret: "k-\(1_000 + index)", configMap: index == 0 ? "c-1000" : nil)
      // The first by name is the youngest.
      store.setMetadata("creationTimestamp", .string("\(9_999 - index)-01-01T00:00:00Z"))
      return store
    }
    for index in 0...SecretChoice.maximum { site.tell(.synced, "k-\(1_000 + index)") }
    site.cluster.fill(stores + [ClusterExamples.spiffe()])
    let excess = try #require(await writes.next()?.told)
    let reason = "more than 200 Secrets and ConfigMaps are referred to"
    #expect(
      excess.hasPrefix(
        "ClusterSecretStore/s-1000 False TooManySecrets: refers to ConfigMap `stores/c-1000`: \(reason)"))
    #expect(excess.contains("refers to Secret `stores/k-1000`: \(reason)"))
    for _ in 1...SecretChoice.maximum {
      #expect(await writes.next()?.told.contains(" False SecretMissing: ") == true)
    }
    let spiffe = try #require(await writes.next())
    #expect(spiffe.title == "SpiffeFederation/mesh")
    #expect(spiffe.condition("Ready").hasPrefix("False NotServed: start with --spiffe-listen"))
    await site.end()
  }
}
