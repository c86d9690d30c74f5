import FederationAPI
import Resources

/// What one subject may do, by the federation that vouches for it.
///
/// Nearly every subject has one Authorization; a table for each would take most of the index's memory.
enum SubjectGrants {
  /// What one Authorization says.
  case one(FederationGrant)
  /// What several add up to.
  case many([FederationReference: Grant])

  /// Adds what a further Authorization of the subject says.
  mutating func add(_ authorization: Authorization) {
    var grants =
      switch self {
      case .one(let grant): [grant.federation: grant.grant]
      case .many(let grants): grants
      }
    // Let go of, so that the table is changed in place: one subject may have very many Authorizations.
    self = .many([:])
    if grants[authorization.federationRef]?.add(authorization) == nil {
      grants[authorization.federationRef] = Grant(authorization)
    }
    self = .many(grants)
  }

  /// The federations that have a grant.
  var federations: Set<FederationReference> {
    switch self {
    case .one(let grant): grant.alone
    case .many(let grants): Set(grants.keys)
    }
  }

  /// Those of `federations` whose grants are such that `allows` says so.
  func federations(
    of federations: Set<FederationReference>, where allows: (Grant) -> Bool
  ) -> Set<FederationReference> {
    switch self {
    case .one(let grant): federations.holds(grant.federation) && allows(grant.grant) ? grant.alone : []
    case .many(let grants): federations.filter { grants[$0].map(allows) ?? false }
    }
  }

  /// Whether a grant of any of `federations` is such that `allows` says so.
  func contains(of federations: Set<FederationReference>, where allows: (Grant) -> Bool) -> Bool {
    switch self {
    case .one(let grant): federations.holds(grant.federation) && allows(grant.grant)
    case .many(let grants): federations.contains { grants[$0].map(allows) ?? false }
    }
  }
}

/// The grants of Authorizations that differ in their subject only: each is made once.
struct SharedGrants {
  private struct Key: Hashable {
    var federation: FederationReference
    var stores: [String]
    var generators: [GeneratorReference]
    var generatorStates: [String]
  }

  private var grants: [Key: FederationGrant] = [:]

  /// The grant of `authorization`.
  mutating func grant(of authorization: Authorization) -> FederationGrant {
    let key = Key(
      federation: authorization.federationRef, stores: authorization.allowedClusterSecretStores,
      generators: authorization.allowedGenerators, generatorStates: authorization.allowedGeneratorStates)
    if let grant = grants[key] { return grant }
    let grant = FederationGrant(authorization)
    grants[key] = grant
    return grant
  }
}
