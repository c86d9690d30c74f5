import FederationAPI

/// A resource that says whom the server believes: an Authorization names one in its `federationRef`.
public enum Federation: Sendable, Equatable {
  /// A cluster whose service account tokens are trusted.
  case kubernetes(KubernetesFederation)
  /// An Okta authorization server.
  case okta(OktaFederation)
  /// A PingOne environment.
  case pingIdentity(PingIdentityFederation)
  /// Any other OpenID Connect issuer.
  case oidc(OIDCFederation)
  /// A SPIFFE trust domain.
  case spiffe(SpiffeFederation)

  /// How Authorizations name it.
  public var reference: FederationReference {
    switch self {
    case .kubernetes(let federation): FederationReference(kind: "KubernetesFederation", name: federation.name)
    case .okta(let federation): FederationReference(kind: "OktaFederation", name: federation.name)
    case .pingIdentity(let federation): FederationReference(kind: "PingIdentityFederation", name: federation.name)
    case .oidc(let federation): FederationReference(kind: "OIDCFederation", name: federation.name)
    case .spiffe(let federation): FederationReference(kind: "SpiffeFederation", name: federation.name)
    }
  }

  /// The one `iss` that its tokens have; nil when its keys may sign for any, as a cluster's do, and when
  /// it vouches for no tokens at all.
  public var issuer: String? {
    switch self {
    case .kubernetes(let federation): federation.issuer
    case .okta(let federation): federation.tokenIssuer
    case .pingIdentity(let federation): federation.tokenIssuer
    case .oidc(let federation): federation.issuer
    case .spiffe: nil
    }
  }
}

extension Manifests {
  /// The federations of every kind.
  public var federations: [Federation] {
    kubernetesFederations.map(Federation.kubernetes) + oktaFederations.map(Federation.okta)
      + pingIdentityFederations.map(Federation.pingIdentity) + oidcFederations.map(Federation.oidc)
      + spiffeFederations.map(Federation.spiffe)
  }
}
