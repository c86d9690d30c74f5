import Kubernetes
import Logging
import Resources

/// What a cluster's objects come to.
struct ClusterState: Sendable {
  var manifests: Manifests
  /// Rises with each state.
  var revision: UInt64
}

/// Makes manifests of a cluster's objects, each time that what they say has changed.
///
/// An object that cannot be used is left out alone, and what is wrong with it is said once. While the API is away
/// nothing changes.
actor ClusterSource {
  let api: any ClusterAPI
  private let namespace: String?
  let facts: ServerFacts
  let refusedObjects: RefusedObjects
  let log: Log

  var objects = ClusterObjects()
  var secrets = ClusterSecrets()
  var followed: [ResourceName: Task<Void, Never>] = [:]
  /// Who refers to Secrets past those that are followed, as it was said last.
  var saidExcess: [ResourceName: Set<String>] = [:]
  var issued: IssuedSecrets
  /// The kinds all of whose objects were told once.
  private var told: Set<ServedKind> = []
  /// The last state that was given out; none while it is 0, and then each change is.
  private var revision: UInt64 = 0
  var said: [String: [Diagnostic]] = [:]
  var verdicts: [String: Verdict] = [:]
  var checks = StoreChecks()
  /// Whether something has changed since manifests were made last.
  private var hasChanged = false
  /// One that is waited for stands for all that happen meanwhile.
  private let changes: AsyncStream<Void>
  private let change: AsyncStream<Void>.Continuation
  var statusChange: AsyncStream<Void>.Continuation?
  var checkChange: AsyncStream<Void>.Continuation?

  init(
    _ api: any ClusterAPI, _ facts: ServerFacts, namespace: String?, refused: RefusedObjects = RefusedObjects(),
    log: Log
  ) {
    self.api = api
    self.facts = facts
    refusedObjects = refused
    self.namespace = namespace
    self.log = log
    issued = IssuedSecrets(isAsked: facts.issuedSecrets != nil)
    (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Follows the cluster until the task is cancelled. `receive` gets a state once everything that there was has been
  /// told, and after each change.
  func run(_ receive: @escaping @Sendable (ClusterState) -> Void) async {
    log.write(.info, "cluster_read", ["kinds": String(ServedKind.all.count)])
    let (isServed, serves) = AsyncStream<Void>.makeStream()
    await withTaskGroup { group in
      for kind in ServedKind.all { group.addTask { await self.follow(kind) } }
      group.addTask { await self.followIssued() }
      group.addTask {
        await self.digest { state in
          receive(state)
          serves.finish()
        }
      }
      group.addTask { [api, facts, log] in
        for await _ in isServed {}
        guard !Task.isCancelled else { return }
        await api.lead {
          await withTaskGroup { group in
            group.addTask { await StatusWriter(self, api, log).run() }
            group.addTask { await StoreChecker(self, facts, log).run() }
          }
        }
      }
    }
    for task in followed.values { task.cancel() }
    for task in followed.values { await task.value }
  }

  // MARK: What is told

  private func follow(_ kind: ServedKind) async {
    let namespace = kind.isNamespaced ? namespace : nil
    let type = await served(kind, namespace)
    await api.follow(type, namespace: namespace, name: nil) { event in await self.note(event, type, kind) }
  }

  /// The version to follow: the first where the API has none yet, or is away.
  private func served(_ kind: ServedKind, _ namespace: String?) async -> ResourceType {
    var backoff = Backoff()
    while kind.versions.count > 1, !Task.isCancelled {
      do throws(KubernetesError) {
        return try await api.firstServed(of: kind.versions, namespace: namespace) ?? kind.versions[0]
      } catch {
        log.write(.warning, "kubernetes_failed", ["reason": error.message])
      }
      try? await Task.sleep(for: .seconds(backoff.next()))
    }
    return kind.versions[0]
  }

  private func note(_ event: ObjectEvent, _ type: ResourceType, _ kind: ServedKind) {
    switch event {
    case .added(let object), .modified(let object):
      switch objects.note(object, as: type, of: kind) {
      case .content: noteChange()
      case .status: statusChange?.yield()
      case .nothing: break
      }
    case .deleted(let identity):
      if objects.forget(identity, of: kind) { noteChange() }
    case .synced: noteAll(of: kind)
    case .failed(let error):
      // A cluster need not have every kind of External Secrets.
      if error.kind == .notFound && !kind.isRequired { noteAll(of: kind) }
    }
  }

  func noteChange() {
    hasChanged = true
    change.yield()
  }

  private func noteAll(of kind: ServedKind) {
    if told.insert(kind).inserted { noteChange() }
  }

  /// A state that the API answered to a write of ours.
  func note(written object: KubernetesObject, _ due: DueStatus) {
    if objects.note(object, as: due.type, of: due.kind) == .content { noteChange() }
  }

  // MARK: What it comes to

  private var isRead: Bool { told.count == ServedKind.all.count && issued.isTold }

  private func digest(_ receive: @Sendable (ClusterState) -> Void) async {
    for await _ in changes where hasChanged && isRead {
      hasChanged = false
      let read = ManifestLoader.read(objects.manifests, secrets: Array(secrets.resources.values)) {
        !self.secrets.told.contains($0)
      }
      let unmet = facts.unmet(read.manifests)
      let refused = read.refused.union(unmet.map(\.location.file))
      let excess = follow(
        read.namedSecrets.compactMapValues { namers in
          let used = namers.subtracting(refused)
          return used.isEmpty ? nil : used
        })
      guard revision > 0 || secrets.told.isSuperset(of: followed.keys) else { continue }
      revision += 1
      var manifests = read.manifests
      manifests.clusterSecretStores.removeAll { refused.contains($0.location.file) }
      manifests.generators.removeAll { refused.contains($0.location.file) }
      // One that is not followed any more is not to be kept.
      manifests.secrets = Array(secrets.resources.values)
      judge(
        manifests, naming: read.namedSecrets, refused: refused, excess: excess, unserved: facts.unserved(manifests),
        read.diagnostics + unmet + secrets.diagnostics.values.joined())
      receive(ClusterState(manifests: manifests, revision: revision))
      noteStores(manifests, revision)
      statusChange?.yield()
    }
  }
}
