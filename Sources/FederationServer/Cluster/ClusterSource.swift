import Kubernetes
import Logging
import Resources

/// Makes manifests of a cluster's objects, each time that what they say has changed.
///
/// An object that cannot be used is left out alone, and what is wrong with it is said once. While the API is away
/// nothing changes.
actor ClusterSource {
  /// Secrets that are followed at once: each takes a connection.
  static let maximumSecrets = 200

  private let api: any ClusterAPI
  private let namespace: String?
  /// What in manifests needs what the server was not started with.
  private let unmet: @Sendable (Manifests) -> [Diagnostic]
  private let refusedObjects: RefusedObjects
  private let log: Log

  private var objects = ClusterObjects()
  private var secrets = ClusterSecrets()
  private var followed: [ResourceName: Task<Void, Never>] = [:]
  /// The kinds all of whose objects were told once.
  private var told: Set<ServedKind> = []
  /// Whether manifests were given out, and then each change is.
  private var isComplete = false
  private var said: [String: [Diagnostic]] = [:]
  private var verdicts: [String: Verdict] = [:]
  /// Whether something has changed since manifests were made last.
  private var hasChanged = false
  /// One that is waited for stands for all that happen meanwhile.
  private let changes: AsyncStream<Void>
  private let change: AsyncStream<Void>.Continuation
  private var statusChange: AsyncStream<Void>.Continuation?

  init(
    _ api: any ClusterAPI, namespace: String?, refused: RefusedObjects = RefusedObjects(), log: Log,
    unmet: @escaping @Sendable (Manifests) -> [Diagnostic]
  ) {
    self.api = api
    refusedObjects = refused
    self.namespace = namespace
    self.log = log
    self.unmet = unmet
    (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Follows the cluster until the task is cancelled. `receive` gets the manifests once everything that there was has been
  /// told, and after each change.
  func run(_ receive: @escaping @Sendable (Manifests) -> Void) async {
    log.write(.info, "cluster_read", ["kinds": String(ServedKind.all.count)])
    let (isServed, serves) = AsyncStream<Void>.makeStream()
    await withTaskGroup { group in
      for kind in ServedKind.all { group.addTask { await self.follow(kind) } }
      group.addTask {
        await self.digest { manifests in
          receive(manifests)
          serves.finish()
        }
      }
      group.addTask { [api, log] in
        for await _ in isServed {}
        guard !Task.isCancelled else { return }
        await api.lead { await StatusWriter(self, api, log).run() }
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

  private func noteChange() {
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

  // MARK: Secrets

  /// Follows the Secrets that are referred to, and no others.
  private func follow(_ names: Set<ResourceName>) {
    for (name, task) in followed where !names.contains(name) {
      task.cancel()
      followed[name] = nil
      secrets.forget(name)
    }
    for name in names.sorted() where followed[name] == nil {
      guard followed.count < Self.maximumSecrets else {
        if secrets.markTold(name) {
          log.write(
            .error, "secret_not_followed",
            [
              "secret": "\(name)",
              "reason": "resources refer to more than \(Self.maximumSecrets) Secrets; put several values into one",
            ])
        }
        continue
      }
      followed[name] = Task { [api] in
        await api.follow(.secrets, namespace: name.namespace, name: name.name) { event in
          await self.note(event, secret: name)
        }
      }
    }
  }

  private func note(_ event: ObjectEvent, secret name: ResourceName) {
    // A follower that was cancelled may be amid an event.
    guard followed[name] != nil else { return }
    switch event {
    case .added(let object), .modified(let object):
      if secrets.note(object, name) { noteChange() }
    case .deleted:
      secrets.remove(name)
      noteChange()
    case .synced:
      if secrets.markTold(name) { noteChange() }
    case .failed(let error):
      // One Secret that may not be read must not hold up all others.
      if [.forbidden, .notFound].contains(error.kind), secrets.markTold(name) { noteChange() }
    }
  }

  // MARK: What it comes to

  private func digest(_ receive: @Sendable (Manifests) -> Void) async {
    for await _ in changes where hasChanged && told.count == ServedKind.all.count {
      hasChanged = false
      let read = ManifestLoader.read(objects.manifests, secrets: Array(secrets.resources.values)) {
        !self.secrets.told.contains($0)
      }
      follow(read.namedSecrets)
      guard isComplete || read.namedSecrets.isSubset(of: secrets.told) else { continue }
      isComplete = true
      let unmet = unmet(read.manifests)
      let refused = read.refused.union(unmet.map(\.location.file))
      let diagnostics = Dictionary(
        grouping: read.diagnostics + unmet + secrets.diagnostics.values.joined(), by: \.location.file)
      say(diagnostics)
      verdicts = objects.entries.compactMapValues { entry in
        guard entry.content != nil else { return nil }
        let title = ClusterObjects.title(entry.kind, entry.object.namespace, entry.object.name)
        return Verdict(
          isUsable: !refused.contains(title), diagnostics: diagnostics[title] ?? [], object: entry.object)
      }
      refusedObjects.replace(
        objects.entries.filter { !(verdicts[$0.key]?.isUsable ?? true) }.map { $0.value.kind.kind })
      var manifests = read.manifests
      manifests.clusterSecretStores.removeAll { refused.contains($0.location.file) }
      manifests.generators.removeAll { refused.contains($0.location.file) }
      receive(manifests)
      statusChange?.yield()
    }
  }

  /// Says of each object what was not said of it last time.
  private func say(_ diagnostics: [String: [Diagnostic]]) {
    for (title, found) in diagnostics.sorted(by: { $0.key < $1.key }) {
      for one in found where said[title]?.contains(one) != true {
        if one.isError {
          log.write(.error, "object_refused", ["object": title, "reason": one.message])
        } else {
          log.write(.warning, "object_warning", ["object": title, "reason": one.message])
        }
      }
    }
    said = diagnostics
  }

  // MARK: Statuses

  /// Tells that a status may be due, now and whenever one may be; only the last that asked is told.
  func statusChanges() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    statusChange = continuation
    continuation.yield()
    return stream
  }

  /// The objects whose status does not say what the server makes of them, in the order of their titles.
  func dueStatuses() -> [DueStatus] {
    verdicts.sorted { $0.key < $1.key }.compactMap { title, verdict in
      guard let entry = objects.entries[title], entry.content != nil, entry.object.uid == verdict.uid,
        entry.object.generation == verdict.generation,
        verdict.patch(of: entry.object, type: entry.kind.condition) != nil
      else { return nil }
      return DueStatus(title: title, kind: entry.kind, type: entry.type, object: entry.object, verdict: verdict)
    }
  }
}
