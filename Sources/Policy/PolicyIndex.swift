import FederationAPI
import Resources

/// Who may do what: all Authorizations, arranged for one lookup a question.
///
/// The index is a value made from all current Authorizations at once, so that a grant that was narrowed or deleted
/// leaves nothing behind. Strings are compared exactly; what several Authorizations of one subject allow adds up.
public struct PolicyIndex: Sendable {
  private struct Principal: Hashable {
    var isSPIFFE: Bool
    var provider: ExactString
    var subject: ExactString
  }

  /// Grants hang on the federation too: a token may only use those of a federation whose keys verified it.
  private struct GrantKey: Hashable {
    var federation: FederationReference
    var principal: Principal
  }

  private struct Grant {
    var stores: Set<String> = []
    var generators: Set<GeneratorGrant> = []
    var generatorStates: Set<String> = []

    mutating func add(_ authorization: Authorization) {
      stores.formUnion(authorization.allowedClusterSecretStores)
      generators.formUnion(authorization.allowedGenerators)
      generatorStates.formUnion(authorization.allowedGeneratorStates)
    }
  }

  private var grants: [GrantKey: Grant] = [:]
  private var federationsOfPrincipal: [Principal: Set<FederationReference>] = [:]
  private var federationsOfIssuer: [ExactString: [FederationReference]] = [:]
  private var federationsOfTrustDomain: [ExactString: [FederationReference]] = [:]

  /// Indexes `authorizations`.
  public init(authorizations: [Authorization]) {
    grants.reserveCapacity(authorizations.count)
    federationsOfPrincipal.reserveCapacity(authorizations.count)
    var seen: Set<GrantKey> = []
    for authorization in authorizations {
      let subject = authorization.subject
      let isSPIFFE = if case .spiffe = subject { true } else { false }
      let federation = authorization.federationRef
      let principal = Principal(
        isSPIFFE: isSPIFFE, provider: ExactString(subject.provider), subject: ExactString(subject.principal))

      var key = GrantKey(federation: federation, principal: principal)
      grants[key, default: Grant()].add(authorization)
      federationsOfPrincipal[principal, default: []].insert(federation)
      key.principal.subject = ExactString("")
      guard seen.insert(key).inserted else { continue }
      if isSPIFFE {
        federationsOfTrustDomain[principal.provider, default: []].append(federation)
      } else {
        federationsOfIssuer[principal.provider, default: []].append(federation)
      }
    }
  }

  /// The federations that Authorizations for tokens of `issuer` name, each once, in the order of the manifests.
  public func federations(issuer: String) -> [FederationReference] {
    federationsOfIssuer[ExactString(issuer)] ?? []
  }

  /// The federations that Authorizations for exactly this `issuer` and `subject` name.
  public func federations(issuer: String, subject: String) -> Set<FederationReference> {
    let principal = Principal(isSPIFFE: false, provider: ExactString(issuer), subject: ExactString(subject))
    return federationsOfPrincipal[principal] ?? []
  }

  /// The federations that Authorizations for SPIFFE IDs of `trustDomain` (its name, no `spiffe://`) name, each once.
  public func federations(trustDomain: String) -> [FederationReference] {
    federationsOfTrustDomain[ExactString(trustDomain)] ?? []
  }

  /// Whether any of the identity's federations lets it read the ClusterSecretStore `store`.
  public func allows(_ identity: VerifiedIdentity, store: String) -> Bool {
    anyGrant(of: identity) { $0.stores.contains(store) }
  }

  /// Whether any of the identity's federations lets it use exactly this generator.
  public func allows(_ identity: VerifiedIdentity, generator: GeneratorGrant) -> Bool {
    anyGrant(of: identity) { $0.generators.contains(generator) }
  }

  /// Whether any of the identity's federations lets it revoke generator states of `namespace`.
  public func allows(_ identity: VerifiedIdentity, generatorStatesIn namespace: String) -> Bool {
    anyGrant(of: identity) { $0.generatorStates.contains(namespace) }
  }

  private func anyGrant(of identity: VerifiedIdentity, _ allows: (Grant) -> Bool) -> Bool {
    let principal = Principal(
      isSPIFFE: identity.method == .spiffe, provider: ExactString(identity.provider),
      subject: ExactString(identity.subject))
    return identity.federations.contains { federation in
      grants[GrantKey(federation: federation, principal: principal)].map(allows) ?? false
    }
  }
}
