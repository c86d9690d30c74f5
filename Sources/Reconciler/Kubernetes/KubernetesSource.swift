import FederationAPI
import FederationClient
import JSON
import Kubernetes
import Logging
import Resources
import Synchronization

/// Resources of a cluster, followed by list and watch, with their status written back.
public final class KubernetesSource: ResourceSource {
  struct State {
    var resources = KubernetesResources()
    var continuations: [AsyncStream<ResourceChange>.Continuation] = []
    var warnings = StoreWarnings()
  }

  let client: KubernetesClient
  private let namespace: String?
  private let boundary: StoreBoundary
  private let events: any EventSink
  private let log: Log
  private let references: ReferencedValues
  let state = Mutex(State())

  /// Follows the objects of `namespace`, or of all, once ``run()`` is called. `ownIdentityServers` are those that stores may
  /// have the agent's own token or SVID shown to.
  public init(
    _ client: KubernetesClient, namespace: String? = nil, ownIdentityServers: Set<ServerAddress> = [],
    events: any EventSink, log: Log
  ) {
    self.client = client
    self.namespace = namespace
    boundary = StoreBoundary(ownIdentityServers: ownIdentityServers)
    self.events = events
    self.log = log
    references = ReferencedValues(client)
  }

  /// Follows the objects until its task is cancelled; `whenSynced` is called once all there were have been told.
  public func run(whenSynced: @escaping @Sendable () -> Void) async {
    let externalSecrets = await servedType()
    guard !Task.isCancelled else { return }
    let synced = SyncCounter(4, whenSynced)
    await withTaskGroup { group in
      follow(externalSecrets, in: &group, synced) { [self] event in await note(externalSecret: event) }
      follow(AgentTypes.federationStores, in: &group, synced) { [self] event in
        for (store, reason) in state.withLock({ $0.warnings.unsaid(event) }) {
          log.write(.warning, "object_warning", ["object": "FederationStore/\(store)", "reason": reason])
        }
        note(event) { $0.set(store: $1, $2) }
      }
      follow(AgentTypes.federationGenerators, in: &group, synced) { [self] event in
        note(event) { $0.set(generator: $1, $2) }
      }
      let managed = ListSelector(labels: "\(SecretDraft.Mark.managed)=true")
      follow(.secrets, managed, in: &group, synced) { [self] event in note(secret: event) }
    }
  }

  private func follow(
    _ type: ResourceType, _ selector: ListSelector = ListSelector(), in group: inout TaskGroup<Void>,
    _ synced: SyncCounter, _ receive: @escaping @Sendable (ObjectEvent) async -> Void
  ) {
    let reflector = Reflector(client, type, namespace: namespace, selector: selector, log: log)
    group.addTask { [self] in
      let isBack = Mutex(false)
      await reflector.run { event in
        await receive(event)
        switch event {
        case .failed: isBack.withLock { $0 = true }
        case .synced:
          synced.note(type)
          isBack.withLock { $0 = false }
        case .added, .modified, .deleted:
          // What failed while the API was away need not wait for its pause.
          if isBack.withLock({ back in
            defer { back = false }
            return back
          }) {
            tell(.everything)
          }
        }
      }
    }
  }

  /// ExternalSecrets in the newest version that the API has.
  private func servedType() async -> ResourceType {
    let versions = AgentTypes.externalSecretVersions.map(AgentTypes.externalSecrets)
    var backoff = Backoff()
    while !Task.isCancelled {
      do throws(KubernetesError) {
        if let type = try await client.firstServed(of: versions, namespace: namespace) { return type }
      } catch {
        log.write(.warning, "kubernetes_failed", ["reason": error.message])
      }
      // Not there yet, or the API is away.
      try? await Task.sleep(for: .seconds(backoff.next()))
    }
    return versions[0]
  }

  // MARK: What is told

  private func note(externalSecret event: ObjectEvent) async {
    switch event {
    case .added(let object), .modified(let object):
      let isNew = state.withLock { $0.resources.note(externalSecret: object) }
      if isNew { tell(.externalSecret(KubernetesResources.name(object))) }
    case .deleted(let identity):
      let name = ResourceName(namespace: identity.namespace ?? "", name: identity.name)
      state.withLock { $0.resources.forget(externalSecret: name) }
      // What it owned is free for others once the garbage collector has been.
      for other in state.withLock({ $0.resources.externalSecrets(in: name.namespace) }) { tell(.externalSecret(other)) }
    case .synced, .failed: break
    }
  }

  private func note(
    _ event: ObjectEvent, _ set: (inout KubernetesResources, KubernetesObject?, ResourceName) -> Void
  ) {
    switch event {
    case .added(let object), .modified(let object):
      let name = KubernetesResources.name(object)
      state.withLock { set(&$0.resources, object, name) }
      tell(.store(name))
    case .deleted(let identity):
      let name = ResourceName(namespace: identity.namespace ?? "", name: identity.name)
      state.withLock { set(&$0.resources, nil, name) }
      tell(.store(name))
    case .synced, .failed: break
    }
  }

  private func note(secret event: ObjectEvent) {
    let name: ResourceName
    switch event {
    case .added(let object), .modified(let object): name = KubernetesResources.name(object)
    case .deleted(let identity): name = ResourceName(namespace: identity.namespace ?? "", name: identity.name)
    case .synced, .failed: return
    }
    for owner in state.withLock({ $0.resources.externalSecrets(making: name) }) { tell(.externalSecret(owner)) }
  }

  private func tell(_ change: ResourceChange) {
    for continuation in state.withLock({ $0.continuations }) { continuation.yield(change) }
  }

  // MARK: ResourceSource

  /// Each object that has changed.
  public func changes() -> AsyncStream<ResourceChange> {
    // Bounded by what there is: the queue behind it keeps each name once, and takes it at once.
    let (stream, continuation) = AsyncStream<ResourceChange>.makeStream()
    state.withLock { $0.continuations.append(continuation) }
    return stream
  }

  /// Those whose store is a FederationStore.
  public func externalSecretNames() async -> [ResourceName] {
    state.withLock { state in
      state.resources.externalSecrets.filter { KubernetesResources.isServed($0.value) }.map(\.key)
    }
  }

  /// As it was told last.
  public func externalSecret(_ name: ResourceName) async -> SourcedExternalSecret? {
    state.withLock { $0.resources.sourced(name) }
  }

  /// As it was told last. One that names files of the agent's, or wants its own identity shown to a server that is not
  /// allowed, is FAILED_PRECONDITION.
  public func store(_ name: ResourceName) async throws(RPCError) -> FederationStoreResource {
    let result = state.withLock { state in Result { () throws(RPCError) in try state.resources.store(name) } }
    let store = try result.get()
    try boundary.check(store)
    return store
  }

  /// As it was told last.
  public func generator(_ name: ResourceName) async throws(RPCError) -> FederationGeneratorResource {
    let result = state.withLock { state in Result { () throws(RPCError) in try state.resources.generator(name) } }
    return try result.get()
  }

  /// Gets the Secret, and remembers it for some seconds.
  public func secretValue(_ selector: SecretKeySelector) async throws(RPCError) -> SecretBytes {
    try await references.secret(selector)
  }

  /// Gets the ConfigMap, and remembers it for some seconds.
  public func configMapValue(_ selector: SecretKeySelector) async throws(RPCError) -> String {
    try await references.configMap(selector)
  }

  /// Asks the API for one, and uses it until shortly before its end.
  public func token(of account: ResourceName, audiences: [String]) async throws(RPCError) -> String {
    try await references.token(of: account, audiences: audiences)
  }

  /// Posts an event about the ExternalSecret.
  public func record(_ event: ReconcileEvent, about secret: SourcedExternalSecret) async {
    log.write(
      event.isWarning ? .warning : .info, "event",
      ["name": "\(secret.name)", "reason": event.reason, "message": event.message])
    await events.post(event, about: secret)
  }
}

/// Where events about ExternalSecrets go.
public protocol EventSink: Sendable {
  /// Posts one; what cannot be posted is lost.
  func post(_ event: ReconcileEvent, about secret: SourcedExternalSecret) async
}

/// Calls back once each of several types was told for the first time.
private final class SyncCounter: Sendable {
  private let left: Mutex<(count: Int, seen: Set<ResourceType>)>
  private let whenDone: @Sendable () -> Void

  init(_ count: Int, _ whenDone: @escaping @Sendable () -> Void) {
    left = Mutex((count, []))
    self.whenDone = whenDone
  }

  func note(_ type: ResourceType) {
    let isDone = left.withLock { left in
      guard left.seen.insert(type).inserted else { return false }
      left.count -= 1
      return left.count == 0
    }
    if isDone { whenDone() }
  }
}
