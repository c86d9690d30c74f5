import FederationAPI
import Resources

/// Who may do what: all Authorizations, arranged for one lookup a question.
///
/// The index is a value made from all current Authorizations at once, so that a grant that was narrowed or deleted
/// leaves nothing behind. Strings are compared exactly; what several Authorizations of one subject allow adds up.
public struct PolicyIndex: Sendable {
  private struct Principal: Hashable {
    var provider: ExactString
    var subject: ExactString
    var isSPIFFE: Bool
  }

  private var grants: [Principal: SubjectGrants] = [:]
  private let federationsOfIssuer: FederationsByProvider
  private let federationsOfTrustDomain: FederationsByProvider

  /// Indexes `authorizations`.
  public init(authorizations: [Authorization]) {
    grants.reserveCapacity(authorizations.count)
    var shared = SharedGrants()
    var issuers = FederationsByProvider.Builder()
    var trustDomains = FederationsByProvider.Builder()
    for authorization in authorizations {
      let subject = authorization.subject
      let isSPIFFE = if case .spiffe = subject { true } else { false }
      let principal = Principal(
        provider: ExactString(subject.provider), subject: ExactString(subject.principal), isSPIFFE: isSPIFFE)

      if grants[principal]?.add(authorization) == nil {
        grants[principal] = .one(shared.grant(of: authorization))
      }
      if isSPIFFE {
        trustDomains.add(authorization.federationRef, to: principal.provider)
      } else {
        issuers.add(authorization.federationRef, to: principal.provider)
      }
    }
    federationsOfIssuer = issuers.result
    federationsOfTrustDomain = trustDomains.result
  }

  /// The federations that Authorizations for tokens of `issuer` name, each once, in the order of the manifests.
  public func federations(issuer: String) -> [FederationReference] {
    federationsOfIssuer[issuer]
  }

  /// The federations that Authorizations for exactly this `issuer` and `subject` name.
  public func federations(issuer: String, subject: String) -> Set<FederationReference> {
    let principal = Principal(provider: ExactString(issuer), subject: ExactString(subject), isSPIFFE: false)
    return grants[principal]?.federations ?? []
  }

  /// The federations that Authorizations for SPIFFE IDs of `trustDomain` (its name, no `spiffe://`) name, each once.
  public func federations(trustDomain: String) -> [FederationReference] {
    federationsOfTrustDomain[trustDomain]
  }

  /// The federations that Authorizations for exactly this SPIFFE ID name; `trustDomain` is the name of its trust domain.
  public func federations(trustDomain: String, spiffeID: String) -> Set<FederationReference> {
    let principal = Principal(provider: ExactString(trustDomain), subject: ExactString(spiffeID), isSPIFFE: true)
    return grants[principal]?.federations ?? []
  }

  /// Whether any of the identity's federations lets it read the ClusterSecretStore `store`.
  public func allows(_ identity: VerifiedIdentity, store: String) -> Bool {
    anyGrant(of: identity) { $0.stores.holds(store) }
  }

  /// Whether any of the identity's federations lets it use exactly this generator.
  public func allows(_ identity: VerifiedIdentity, generator: GeneratorReference) -> Bool {
    anyGrant(of: identity) { $0.generators.holds(generator) }
  }

  /// Those of the identity's federations whose grants let it read the ClusterSecretStore `store`.
  public func federations(of identity: VerifiedIdentity, granting store: String) -> Set<FederationReference> {
    federations(of: identity) { $0.stores.holds(store) }
  }

  /// Those of the identity's federations whose grants let it use exactly this generator.
  public func federations(
    of identity: VerifiedIdentity, granting generator: GeneratorReference
  ) -> Set<FederationReference> {
    federations(of: identity) { $0.generators.holds(generator) }
  }

  /// Those of the identity's federations whose grants let it revoke generator states of `namespace`.
  public func federations(
    of identity: VerifiedIdentity, grantingStatesIn namespace: String
  ) -> Set<FederationReference> {
    federations(of: identity) { $0.generatorStates.holds(namespace) }
  }

  private func federations(
    of identity: VerifiedIdentity, where allows: (Grant) -> Bool
  ) -> Set<FederationReference> {
    grants[principal(of: identity)]?.federations(of: identity.federations, where: allows) ?? []
  }

  private func anyGrant(of identity: VerifiedIdentity, _ allows: (Grant) -> Bool) -> Bool {
    grants[principal(of: identity)]?.contains(of: identity.federations, where: allows) ?? false
  }

  private func principal(of identity: VerifiedIdentity) -> Principal {
    Principal(
      provider: ExactString(identity.provider), subject: ExactString(identity.subject),
      isSPIFFE: identity.method == .spiffe)
  }
}
