import FederationAPI
import Logging

/// What a ``Reflector`` tells of the objects that it follows.
public enum ObjectEvent: Sendable, Equatable {
  /// An object that was not there.
  case added(KubernetesObject)
  /// An object in a new state.
  case modified(KubernetesObject)
  /// An object is gone. One that was deleted and made again while nobody looked comes as deleted, then as added.
  case deleted(ObjectIdentity)
  /// All objects that there were at one moment have been told. Comes after each complete list.
  case synced
  /// The API could not be listed or watched; it is tried again by itself.
  case failed(KubernetesError)
}

/// Follows the objects of one type: lists them, then watches, for ever.
///
/// A watch that ends or breaks goes on from the version last seen; when the API no longer keeps that version, the
/// objects are listed again and compared, so that each change is told once however long the API was away. States in
/// between may be skipped.
public struct Reflector: Sendable {
  private let client: KubernetesClient
  private let type: ResourceType
  private let namespace: String?
  private let selector: ListSelector
  private let log: Log

  /// Follows the objects of `type` in all namespaces, or in the one given, that `selector` means.
  public init(
    _ client: KubernetesClient, _ type: ResourceType, namespace: String? = nil,
    selector: ListSelector = ListSelector(), log: Log
  ) {
    self.client = client
    self.type = type
    self.namespace = namespace
    self.selector = selector
    self.log = log
  }

  /// Gives each event to `receive`, one after the other and none while `receive` runs, until the task is cancelled.
  public func run(_ receive: (ObjectEvent) async -> Void) async {
    var known = KnownObjects()
    var backoff = Backoff()
    var version: String?
    while !Task.isCancelled {
      do throws(KubernetesError) {
        if version == nil {
          version = try await list(&known, receive)
          backoff.reset()
        }
        guard let start = version else { continue }
        let opened = MonotonicTime.now
        var hasMoved = false
        defer { if hasMoved { backoff.reset() } }
        try await watch(&known, from: start, receive) {
          version = $0
          hasMoved = true
        }
        // The server's way to end a watch; one that ends again and again at once is a server in trouble.
        if hasMoved || opened.nanoseconds(until: .now) > 1_000_000_000 { continue }
      } catch {
        if error.kind == .cancelled && Task.isCancelled { return }
        if error.kind == .expired && version != nil {
          log.write(.info, "kubernetes_relist", ["type": type.title, "reason": error.message])
          version = nil
          continue
        }
        log.write(.warning, "kubernetes_watch_failed", ["type": type.title, "reason": error.message])
        await receive(.failed(error))
        if let pause = error.retryAfterSeconds { await sleep(min(pause, 60)) }
      }
      await sleep(backoff.next())
    }
  }

  private func list(
    _ known: inout KnownObjects, _ receive: (ObjectEvent) async -> Void
  ) async throws(KubernetesError) -> String {
    var seen = Set<ObjectKey>()
    let version = try await client.list(type, namespace: namespace, selector: selector) { objects in
      for object in objects {
        seen.insert(ObjectKey(object))
        for event in known.note(object) { await receive(event) }
      }
    }
    for identity in known.forget(allBut: seen) { await receive(.deleted(identity)) }
    await receive(.synced)
    return version
  }

  private func watch(
    _ known: inout KnownObjects, from version: String, _ receive: (ObjectEvent) async -> Void,
    _ moved: (String) -> Void
  ) async throws(KubernetesError) {
    var stream = try await client.watch(
      type, namespace: namespace, selector: selector, resourceVersion: version,
      timeoutSeconds: Int.random(in: 240...480))
    while let event = try await stream.next() {
      switch event {
      case .added(let object), .modified(let object):
        for event in known.note(object) { await receive(event) }
        moved(object.resourceVersion)
      case .deleted(let object):
        if let identity = known.forget(object) { await receive(.deleted(identity)) }
        moved(object.resourceVersion)
      case .bookmark(let version): moved(version)
      }
    }
  }

  /// Ends early when the task is cancelled, which the loop then sees.
  private func sleep(_ seconds: Double) async { try? await Task.sleep(for: .seconds(seconds)) }
}
