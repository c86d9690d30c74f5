import JSON
import Kubernetes
import Synchronization

@testable import FederationServer

/// A cluster that tells what a test has it tell, and notes what is written to it.
final class FakeCluster: ClusterAPI {
  private struct Followed: Hashable {
    var type: ResourceType
    var namespace: String?
    var name: String?
  }

  private struct State {
    var streams: [Followed: (stream: AsyncStream<ObjectEvent>, told: AsyncStream<ObjectEvent>.Continuation)] = [:]
    var objects: [String: KubernetesObject] = [:]
    var failures: [KubernetesError] = []
    var keepsStatus = true
    var version = 100
  }

  /// One write, as `title: patch`.
  struct Write: Sendable {
    var title: String
    var patch: JSONValue
  }

  private let state = Mutex(State())
  /// Each write that was taken, in order.
  let writes: AsyncStream<Write>
  private let written: AsyncStream<Write>.Continuation
  /// What is followed beside the served kinds, as `namespace/name`, and `-namespace/name` once it is no more.
  let secretsFollowed: AsyncStream<String>
  private let secretFollowed: AsyncStream<String>.Continuation

  private let leads: Bool

  init(leads: Bool = true) {
    self.leads = leads
    (writes, written) = AsyncStream.makeStream()
    (secretsFollowed, secretFollowed) = AsyncStream.makeStream()
  }

  // MARK: What a test does

  static func kind(_ name: String) -> ServedKind {
    ServedKind.all.first { $0.kind == name } ?? ServedKind.all[0]
  }

  /// Tells of everything: `objects`, and that there are no others.
  func fill(_ objects: [KubernetesObject] = [], without missing: [String] = []) {
    for object in objects { tell(.added(object), kind: object.kind) }
    for kind in ServedKind.all where !missing.contains(kind.kind) { tell(.synced, kind: kind.kind) }
  }

  func tell(_ event: ObjectEvent, kind: String) {
    if case .added(let object) = event { keep(object) }
    if case .modified(let object) = event { keep(object) }
    told(Followed(type: Self.kind(kind).versions[0])).yield(event)
  }

  func tell(_ event: ObjectEvent, secret name: String, in namespace: String) {
    told(Followed(type: .secrets, namespace: namespace, name: name)).yield(event)
  }

  /// Changes what the API has without telling.
  func keep(_ object: KubernetesObject) {
    state.withLock { $0.objects["\(object.kind)/\(object.name)"] = object }
  }

  /// The next write fails so.
  func fail(_ error: KubernetesError) { state.withLock { $0.failures.append(error) } }

  /// Statuses are taken and dropped from now on, as by a kind whose schema has none.
  func dropStatuses() { state.withLock { $0.keepsStatus = false } }

  private func told(_ key: Followed) -> AsyncStream<ObjectEvent>.Continuation {
    stream(key).told
  }

  private func stream(
    _ key: Followed
  ) -> (stream: AsyncStream<ObjectEvent>, told: AsyncStream<ObjectEvent>.Continuation) {
    state.withLock { state in
      if let known = state.streams[key] { return known }
      let made = AsyncStream<ObjectEvent>.makeStream()
      state.streams[key] = (made.stream, made.continuation)
      return (made.stream, made.continuation)
    }
  }

  // MARK: ClusterAPI

  func firstServed(
    of versions: [ResourceType], namespace: String?
  ) async throws(KubernetesError) -> ResourceType? { versions.first }

  func follow(
    _ type: ResourceType, namespace: String?, name: String?,
    _ receive: @escaping @Sendable (ObjectEvent) async -> Void
  ) async {
    let key = Followed(type: type, namespace: namespace, name: name)
    if let namespace, let name { secretFollowed.yield("\(namespace)/\(name)") }
    for await event in stream(key).stream { await receive(event) }
    state.withLock { $0.streams[key] = nil }
    if let namespace, let name { secretFollowed.yield("-\(namespace)/\(name)") }
  }

  func object(_ type: ResourceType, _ identity: ObjectIdentity) async throws(KubernetesError) -> KubernetesObject {
    guard let object = state.withLock({ $0.objects["\(type.kind)/\(identity.name)"] }) else {
      throw KubernetesError(.notFound, "there is no \(identity.name)")
    }
    return object
  }

  func patchStatus(
    _ type: ResourceType, _ identity: ObjectIdentity, _ patch: JSONValue
  ) async throws(KubernetesError) -> KubernetesObject {
    if let failure = state.withLock({ $0.failures.isEmpty ? nil : $0.failures.removeFirst() }) { throw failure }
    var object = try await object(type, identity)
    guard patch["metadata"]?["resourceVersion"]?.string == object.resourceVersion else {
      throw KubernetesError(.conflict, "another version")
    }
    let version = state.withLock { state in
      state.version += 1
      return state.version
    }
    if state.withLock({ $0.keepsStatus }) { object["status"] = patch["status"] }
    object.setMetadata("resourceVersion", .string(String(version)))
    keep(object)
    written.yield(Write(title: "\(type.kind)/\(identity.name)", patch: patch))
    return object
  }

  func lead(_ work: @escaping @Sendable () async -> Void) async {
    if leads { await work() }
  }
}
