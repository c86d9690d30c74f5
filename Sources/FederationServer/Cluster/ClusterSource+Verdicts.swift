import FederationAPI
import Kubernetes
import Resources

extension ClusterSource {
  /// Makes up what is said of each object. Those of `refused` are not among `manifests`. Nothing is said of one that is yet
  /// to hear of its Secrets.
  func judge(
    _ manifests: Manifests, naming named: [ResourceName: Set<String>], refused: Set<String>,
    excess: [ResourceName: Set<String>], unserved: [Diagnostic], _ found: [Diagnostic]
  ) {
    let diagnostics = Dictionary(grouping: found + unserved, by: \.location.file)
    say(diagnostics)
    let idle = Set(unserved.map(\.location.file))
    let lacking = lackingSecrets(manifests)
    let waiting = named.filter { followed[$0.key] != nil && !secrets.told.contains($0.key) }
      .values.reduce(into: Set<String>()) { $0.formUnion($1) }
    var unfollowed: [String: [String]] = [:]
    for (name, titles) in excess.sorted(by: { $0.key < $1.key }) {
      let reason = "refers to \(name.secretKind) `\(name)`: \(Self.excessReason)"
      for title in titles { unfollowed[title, default: []].append(reason) }
    }
    verdicts = objects.entries.compactMapValues { entry in
      guard entry.content != nil else { return nil }
      let title = ClusterObjects.title(entry.kind, entry.object.namespace, entry.object.name)
      guard refused.contains(title) || !waiting.contains(title) else { return nil }
      let reason: Verdict.Reason =
        if refused.contains(title) {
          .invalid
        } else if unfollowed[title] != nil {
          .tooManySecrets
        } else if lacking.contains(title) {
          .secretMissing
        } else if idle.contains(title) {
          .notServed
        } else {
          .accepted
        }
      return Verdict(
        reason, unfollowed[title] ?? [], diagnostics: diagnostics[title] ?? [], object: entry.object)
    }
    refusedObjects.replace(objects.entries.filter { refused.contains($0.key) }.map { $0.value.kind.kind })
  }

  /// The stores and generators without a Secret that they need, or a key of it, as far as is known.
  private func lackingSecrets(_ manifests: Manifests) -> Set<String> {
    let secrets = ManifestSecrets(manifests.secrets)
    func lacks(_ needs: Set<SecretNeed>) -> Bool {
      needs.contains { self.secrets.told.contains($0.secret) && !secrets.has($0) }
    }
    let stores = manifests.clusterSecretStores.filter { lacks($0.secrets) }.map(\.location.file)
    return Set(stores).union(manifests.generators.filter { lacks($0.secrets) }.map(\.location.file))
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

  /// The objects whose status does not say what the server makes of them, in the order of their titles. Of a store that is
  /// yet to be asked nothing is due.
  func dueStatuses() -> [DueStatus] {
    verdicts.sorted { $0.key < $1.key }.compactMap { title, verdict in
      guard let entry = objects.entries[title], entry.content != nil, entry.object.uid == verdict.uid,
        entry.object.generation == verdict.generation,
        let verdict = checks.isAsked(title) ? verdict.with(checks.answer(title)) : verdict,
        verdict.patch(of: entry.object, type: entry.kind.condition) != nil
      else { return nil }
      return DueStatus(title: title, kind: entry.kind, type: entry.type, object: entry.object, verdict: verdict)
    }
  }

  // MARK: Checks

  /// Notes the stores that have backends and can be used as far as is known here.
  func noteStores(_ manifests: Manifests, _ revision: UInt64) {
    var stores: [String: (name: String, subject: StoreChecks.Subject)] = [:]
    for store in manifests.clusterSecretStores {
      let title = store.location.file
      guard case .remote = store.provider, verdicts[title]?.reason.isReady == true,
        let entry = objects.entries[title], let content = entry.content
      else { continue }
      let names = store.secrets.map(\.secret)
      let states = Dictionary(names.map { ($0, secrets.states[$0] ?? 0) }) { first, _ in first }
      stores[title] = (store.name, StoreChecks.Subject(uid: entry.object.uid, content: content, secrets: states))
    }
    checks.note(stores, revision: revision, at: .now)
    wakeChecks()
  }

  /// Notes that the server answers calls by the state of that revision.
  func note(served revision: UInt64) {
    checks.note(served: revision)
    wakeChecks()
  }

  /// Tells that a check may be due, as ``statusChanges()`` does; every store is to be asked anew.
  func checkChanges() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    checkChange = continuation
    checks.reset(at: .now)
    continuation.yield()
    return stream
  }

  func wakeChecks() { checkChange?.yield() }

  func dueChecks() -> [StoreChecks.Due] { checks.due(at: .now) }

  var nextCheck: MonotonicTime? { checks.next }

  /// Notes what came of a check; gives what was known before.
  func note(_ answer: StoreCheck, of due: StoreChecks.Due, next: MonotonicTime) -> StoreCheck? {
    let before = checks.note(answer, of: due, next: next)
    if before != answer { statusChange?.yield() }
    return before
  }
}
