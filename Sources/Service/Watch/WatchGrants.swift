import FederationAPI

/// Which of a watch's secrets its caller may read, under one snapshot after another.
struct WatchGrants {
  /// What became of the secrets under a new snapshot.
  enum Outcome: Equatable {
    /// Those at these places may be read from now on.
    case granted([UInt32])
    /// A store that could be read no longer may be, or none may be at all.
    case revoked
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

  /// Looks every store up once.
  mutating func update(for identity: VerifiedIdentity, _ snapshot: ServiceSnapshot) -> Outcome {
    var stores: [StoreName: FederationReference?] = [:]
    var granted: [UInt32] = []
    for (index, reference) in references.enumerated() {
      let name = StoreName(reference.store)
      let federation: FederationReference?
      if let known = stores[name] {
        federation = known
      } else {
        federation = snapshot.policy.federation(of: identity, granting: reference.store)
        stores[name] = .some(federation)
      }
      if federations[index] == nil {
        if federation != nil { granted.append(UInt32(index)) }
      } else if federation == nil {
        return .revoked
      }
      federations[index] = federation
    }
    return federations.contains { $0 != nil } ? .granted(granted) : .revoked
  }
}
