import FederationAPI

/// Says what to mend of what the client proves itself with.
enum CredentialAdvice {
  static func text(_ problem: CredentialProblem, _ options: CommandOptions) -> String {
    let provider = options.federatedAuth
    switch problem {
    case .authorizationServerUnreachable:
      return "the authorization server was not reached, or is not trusted: check \(issuer(options)), "
        + "--federated-auth-ca-crt and the network to it"
    case .authorizationServerBusy:
      return "it is the authorization server that cannot answer now: try again later, and check its limits"
    case .authorizationServerUnusable:
      return "no authorization server of \(provider) answers there: check \(issuer(options))"
    case .clientUnknown:
      return "check that --\(provider)-client-id is registered at the authorization server, with the public key of "
        + "--\(provider)-private-key and, where it has several, the --\(provider)-key-id"
    case .scopeRefused:
      return "check --\(provider)-scopes: the authorization server has to have each scope, and grant it to the client"
    case .clientRefused:
      return "the authorization server refuses the client: look at its log for --\(provider)-client-id"
    case .fileUnusable: return "check the file, and the flag that names it: \(files(options))"
    case .svidUnusable where options.spiffeSVID.isEmpty:
      return "check --federated-socket-path, and that the agent there has an SVID for this workload and renews it"
    case .svidUnusable:
      return "check --spiffe-svid, --spiffe-key and --spiffe-bundle, and what renews them; `openssl x509 -noout "
        + "-enddate -in \(options.spiffeSVID)` shows the SVID's end"
    case .certificateRefused where provider == "spiffe": return refusedSVID
    case .certificateRefused:
      return "the server wants a certificate there, not a token: give its port for tokens in --federated-server-url, "
        + "or use --federated-auth=spiffe"
    }
  }

  /// What to do when the server answers that it does not know the caller.
  static func unauthenticated(_ options: CommandOptions) -> String {
    let token: String
    let federation: String
    switch options.federatedAuth {
    case "spiffe": return refusedSVID
    case "okta": (token, federation) = ("of okta", "the OktaFederation")
    case "pingidentity": (token, federation) = ("of pingidentity", "the PingIdentityFederation")
    default: (token, federation) = ("in \(options.federatedToken)", "the KubernetesFederation or OIDCFederation")
    }
    return "the server did not accept the token \(token): check that it has not expired, that its audience (aud) is "
      + "one of the audiences of \(federation) on the server that has its issuer, and that an Authorization names both"
  }

  /// Whom an Authorization has to name.
  static func subject(_ options: CommandOptions) -> String {
    switch options.federatedAuth {
    case "spiffe": "this SPIFFE ID"
    case "okta": "the client of --okta-client-id"
    case "pingidentity": "the client of --pingidentity-client-id"
    default: "the subject (sub) of the token, for Kubernetes its service account,"
    }
  }

  private static let refusedSVID =
    "the server did not accept the SVID: check that --federated-server-url is its port for SVIDs, that the SVID is "
    + "valid by the server's clock, and that an Authorization on the server names the SPIFFE ID and a SpiffeFederation "
    + "with its trust domain's bundle"

  private static func issuer(_ options: CommandOptions) -> String {
    options.federatedAuth == "okta"
      ? "--okta-domain and --okta-auth-server"
      : "--pingidentity-issuer, or --pingidentity-region and --pingidentity-environment-id"
  }

  private static func files(_ options: CommandOptions) -> String {
    var flags: [String] =
      switch options.federatedAuth {
      case "spiffe": []
      case "okta", "pingidentity": ["--\(options.federatedAuth)-private-key", "--federated-auth-ca-crt"]
      default: ["--federated-token"]
      }
    flags.append("--federated-ca-crt")
    if !options.workloadToken.isEmpty { flags.append("--workload-token") }
    if !options.workloadTokenPath.isEmpty { flags.append("--workload-token-path") }
    return flags.joined(separator: ", ")
  }
}
