import Kubernetes
import Resources

extension ClusterSource {
  /// Follows the Secrets and ConfigMaps that are `named` by objects, or needed to take back what was issued, and no others.
  /// Gives those that are too many, with the objects that name them.
  func follow(_ named: [ResourceName: Set<String>]) -> [ResourceName: Set<String>] {
    issued.note(objectsNeed: Set(named.keys), followed: Set(followed.keys))
    var claims = named.compactMapValues { titles in titles.compactMap(claim).min() }
    for name in issued.needed { claims[name] = .issued }
    let choice = SecretChoice(claims, followed: Set(followed.keys))
    for (name, task) in followed where !choice.followed.contains(name) {
      task.cancel()
      followed[name] = nil
      secrets.forget(name)
    }
    for name in choice.followed.sorted() where followed[name] == nil {
      followed[name] = Task { [api] in
        let type: ResourceType = name.isConfigMap ? .configMaps : .secrets
        await api.follow(type, namespace: name.namespace, name: name.name) { event in
          await self.note(event, secret: name)
        }
      }
    }
    let excess = Dictionary(uniqueKeysWithValues: choice.excess.map { ($0, named[$0] ?? []) })
    say(excess: excess)
    return excess
  }

  private func claim(_ title: String) -> SecretChoice.Claim? {
    objects.entries[title].map { entry in
      .init(title: title, created: entry.object.creationTimestamp ?? "", isNamespaced: entry.kind.isNamespaced)
    }
  }

  /// Says of each Secret and who names it what was not said last time.
  private func say(excess: [ResourceName: Set<String>]) {
    for (name, titles) in excess.sorted(by: { $0.key < $1.key }) {
      let objects = titles.subtracting(saidExcess[name] ?? [])
      // A Secret that is needed to take back what was issued has perhaps no object.
      guard !objects.isEmpty || saidExcess[name] == nil else { continue }
      log.write(
        .error, "secret_not_followed",
        [
          "secret": "\(name)", "kind": name.secretKind, "objects": objects.sorted().joined(separator: ", "),
          "reason": Self.excessReason,
        ])
    }
    saidExcess = excess
  }

  static let excessReason =
    "more than \(SecretChoice.maximum) Secrets and ConfigMaps are referred to; put several values into one, "
    + "or remove what is not used"

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

  /// Asks from time to time which Secrets the cleanup of issued credentials needs, until the task is cancelled.
  func followIssued() async {
    guard let issuedSecrets = facts.issuedSecrets else { return }
    while !Task.isCancelled {
      issued.begin()
      let answer = await issuedSecrets()
      if issued.end(answer) { noteChange() }
      try? await Task.sleep(for: .seconds(facts.intervals.issuedSecrets))
    }
  }
}
