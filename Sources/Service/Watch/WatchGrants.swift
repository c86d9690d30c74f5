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
  /// The federations whose grants let each be read; none for what may not be read.
  private(set) var federations: [Set<FederationReference>]

  init(_ references: [SecretReference]) {
    self.references = references
    federations = [Set<FederationReference>](repeating: [], count: references.count)
  }

  /// The places of what may not be read.
  var denied: [UInt32] { federations.indices.filter { federations[$0].isEmpty }.map(UInt32.init) }

  /// Whether nothing may be read.
  var isEmpty: Bool { federations.allSatisfy(\.isEmpty) }

  /// Looks every store up once.
  mutating func update(for identity: VerifiedIdentity, _ snapshot: ServiceSnapshot) -> Change {
    var stores: [StoreName: Set<FederationReference>] = [:]
    var change = Change()
    for (index, reference) in references.enumerated() {
      let name = StoreName(reference.store)
      let granting = stores[name] ?? snapshot.policy.federations(of: identity, granting: reference.store)
      stores[name] = granting
      switch (federations[index].isEmpty, granting.isEmpty) {
      case (true, false): change.granted.append(UInt32(index))
      case (false, true): change.revoked.append(UInt32(index))
      default: break
      }
      federations[index] = granting
    }
    return change
  }
}
