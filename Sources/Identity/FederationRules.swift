import FederationAPI
import Resources

/// How the tokens of one federation are verified.
struct FederationRules: Sendable, Equatable {
  /// Where the keys are.
  let keys: KeyLocation
  /// How an identity is said to be proved. The federation's kind alone decides it, nothing in the token.
  let method: AuthenticationMethod
  /// The one `iss` that it can vouch for; nil for any.
  let issuer: String?
  let audiences: [String]?
  /// `spec.caBundle`: for its keys this is trusted and nothing else.
  let caBundle: [UInt8]?

  /// Nil for a federation that vouches for no tokens.
  init?(_ federation: Federation) {
    issuer = federation.issuer
    switch federation {
    case .kubernetes(let federation):
      (keys, method) = (.cluster(url: federation.url), .oidc)
      (audiences, caBundle) = (federation.audiences, federation.caBundle)
    case .okta(let federation):
      (keys, method) = (.keySet(url: federation.keysURL), .okta)
      (audiences, caBundle) = (federation.audiences, federation.caBundle)
    case .pingIdentity(let federation):
      (keys, method) = (.issuer(url: federation.tokenIssuer), .pingidentity)
      (audiences, caBundle) = (federation.audiences, federation.caBundle)
    case .oidc(let federation):
      (keys, method) = (.issuer(url: federation.issuer), .oidc)
      (audiences, caBundle) = (federation.audiences, federation.caBundle)
    case .spiffe: return nil
    }
  }

  /// Whether it is a cluster: whose tokens name workloads, whose API server may want to see the token, and which the
  /// caller's `ca.crt` may serve to reach.
  var isCluster: Bool { if case .cluster = keys { true } else { false } }

  /// Whether `client_id` stands for a missing `sub`, as in the tokens that PingOne gives to applications.
  var takesClientID: Bool { method == .pingidentity }
}

/// Where a federation's keys are.
enum KeyLocation: Sendable, Hashable {
  /// Discovery at the API server `url`; the key set on that same host, whatever host the document names.
  case cluster(url: String)
  /// The key set itself.
  case keySet(url: String)
  /// Discovery at the issuer `url`, which the document must name as its own; the key set where the document says, on any
  /// host: PingOne and others publish keys on hosts of their own. The manifest chose the issuer, no caller did.
  case issuer(url: String)
}

extension AuthenticationMethod {
  /// The order in which methods are named when federations of several kinds verified one token.
  var rank: Int {
    switch self {
    case .oidc: 0
    case .okta: 1
    case .pingidentity: 2
    case .spiffe: 3
    }
  }
}
