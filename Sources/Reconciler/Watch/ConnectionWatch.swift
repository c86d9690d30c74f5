import Resources
import FederationAPI
import FederationClient

/// What is watched on one connection, for whom, and what was last seen of it.
struct ConnectionWatch {
  private struct Secret {
    var users: Set<ResourceName> = []
    /// The value's digest, or its error; nil before anything was seen.
    var seen: String?
  }

  private let client: any FederationCalling
  private var secrets: [SecretReference: Secret] = [:]
  /// By what they watch: a call has room for ``Limits/watchedSecrets``.
  private var tasks: [[SecretReference]: Task<Void, Never>] = [:]

  init(client: any FederationCalling) { self.client = client }

  var isEmpty: Bool { secrets.isEmpty }

  mutating func add(_ references: Set<SecretReference>, of name: ResourceName) {
    for reference in references { secrets[reference, default: Secret()].users.insert(name) }
  }

  mutating func remove(_ references: Set<SecretReference>, of name: ResourceName) {
    for reference in references {
      secrets[reference]?.users.remove(name)
      if secrets[reference]?.users.isEmpty == true { secrets[reference] = nil }
    }
  }

  /// Ends the calls whose secrets are others now, and has `start` make those that are missing.
  mutating func restart(_ start: (any FederationCalling, [SecretReference]) -> Task<Void, Never>) {
    let sorted = secrets.keys.sorted { $0.isBefore($1) }
    let wanted = stride(from: 0, to: sorted.count, by: Limits.watchedSecrets).map { first in
      Array(sorted[first..<min(sorted.count, first + Limits.watchedSecrets)])
    }
    let gone = Set(tasks.keys).subtracting(wanted)
    for references in gone { tasks.removeValue(forKey: references)?.cancel() }
    // A new call begins with the current values, so that nothing is missed between the two.
    for references in wanted where tasks[references] == nil { tasks[references] = start(client, references) }
  }

  /// Takes up a change; gives who is to fetch it. What cannot be read for a while is no change: the last good value stays.
  mutating func note(_ change: SecretChange) -> Set<ResourceName> {
    let seen: String
    switch change.outcome {
    case .success(let value): seen = DataHash.of(["": value])
    case .failure(let error) where error.code == .notFound || error.code == .permissionDenied: seen = "\(error.code)"
    case .failure: return []
    }
    guard let secret = secrets[change.secret], secret.seen != seen else { return [] }
    secrets[change.secret]?.seen = seen
    return secret.users
  }

  func end() {
    for task in tasks.values { task.cancel() }
  }
}

extension SecretReference {
  fileprivate func isBefore(_ other: SecretReference) -> Bool {
    let mine = [store, key, version ?? ""]
    let others = [other.store, other.key, other.version ?? ""]
    for (left, right) in zip(mine, others) {
      if left.utf8.lexicographicallyPrecedes(right.utf8) { return true }
      if right.utf8.lexicographicallyPrecedes(left.utf8) { return false }
    }
    return false
  }
}
