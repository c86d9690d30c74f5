/// What objects are called, whichever of them has the name.
struct ObjectKey: Hashable, Sendable {
  let namespace: String?
  let name: String

  init(_ object: KubernetesObject) {
    namespace = object.namespace
    name = object.name
  }
}

/// Which objects have been told, and in which state, so that no list tells them again.
struct KnownObjects {
  private struct State {
    var uid: String
    var version: String
  }

  private var states: [ObjectKey: State] = [:]

  /// What is new about `object`: nothing, one event, or that another object had its name before.
  mutating func note(_ object: KubernetesObject) -> [ObjectEvent] {
    let key = ObjectKey(object)
    let state = State(uid: object.uid, version: object.resourceVersion)
    guard let before = states.updateValue(state, forKey: key) else { return [.added(object)] }
    if before.uid != state.uid { return [.deleted(identity(key, before)), .added(object)] }
    return before.version == state.version ? [] : [.modified(object)]
  }

  /// Takes `object` out; nil when it was not known, or when another object has its name by now.
  mutating func forget(_ object: KubernetesObject) -> ObjectIdentity? {
    let key = ObjectKey(object)
    guard let state = states[key], state.uid == object.uid else { return nil }
    states[key] = nil
    return identity(key, state)
  }

  /// Takes out all that are not in `seen`, in the order of their names.
  mutating func forget(allBut seen: Set<ObjectKey>) -> [ObjectIdentity] {
    let gone = states.filter { !seen.contains($0.key) }
    for key in gone.keys { states[key] = nil }
    return gone.map { identity($0.key, $0.value) }
      .sorted { ($0.namespace ?? "", $0.name) < ($1.namespace ?? "", $1.name) }
  }

  private func identity(_ key: ObjectKey, _ state: State) -> ObjectIdentity {
    ObjectIdentity(namespace: key.namespace, name: key.name, uid: state.uid)
  }
}
