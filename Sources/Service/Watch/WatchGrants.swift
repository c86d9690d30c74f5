import FederationAPI

/// Which of a watch's secrets its caller may read, under one snapshot after another.
struct WatchGrants {
  /// What became of the secrets under a new snapshot, by their places.
  struct Change: Equatable {
    /// Those that may be read from now on.
    var granted: [UInt32] = []
    /// Those that could be read and may be no longer.
    var revoked: [UInt32] = []
  }

  let references: [SecretReference]
  /// The federation whose grant lets each be read; nil for what may not be read.
  private(set) var federations: [FederationReference?]

  init(_ references: [SecretReference]) {
    self.references = references
    federations = [FederationReference?](repeating: nil, count: references.count)
  }

  /// The places of what may not be read.
  var denied: [UInt32] { federations.indices.filter { federations[$0] == nil }.map(UInt32.init) }

  /// Whether nothing may be read.
  var isEmpty: Bool { federations.allSatisfy { $0 == nil } }

  /// Looks every store up once.
  mutating func update(for identity: VerifiedIdentity, _ snapshot: ServiceSnapshot) -> Change {
    var stores: [StoreName: FederationReference?] = [:]
    var change = Change()
    for (index, reference) in references.enumerated() {
      let name = StoreName(reference.store)
      let federation: FederationReference?
      if let known = stores[name] {
        federation = known
      } else {
        federation = snapshot.policy.federation(of: identity, granting: reference.store)
        stores[name] = .some(federation)
      }
      switch (federations[index], federation) {
      case (nil, .some): change.granted.append(UInt32(index))
      case (.some, nil): change.revoked.append(UInt32(index))
      default: break
      }
      federations[index] = federation
    }
    return change
  }
}
