import FederationAPI
import FederationClient

/// Says what to do when a secret could not be fetched.
enum FetchAdvice {
  /// One line for one secret: its name, the reason, and the advice.
  static func line(_ secret: SecretName, _ error: RPCError, _ options: CommandOptions) -> String {
    let advice = advice(error.code, secret, options).map { "; \($0)" } ?? ""
    return "secret \"\(secret.key)\" of store \"\(secret.store)\" was not fetched: \(error.message)\(advice)"
  }

  private static func advice(_ code: StatusCode, _ secret: SecretName, _ options: CommandOptions) -> String? {
    switch code {
    case .permissionDenied:
      "ask for an Authorization that names this service account and lists \"\(secret.store)\" in "
        + "allowedClusterSecretStores"
    case .notFound: "check the key's name, or ask for it to be put into the store"
    case .unimplemented: "check --federated-server-url and --federated-transport"
    case .failedPrecondition, .invalidArgument: "check the flags, and the store on the server"
    default: ofConnection(code, options)
    }
  }

  /// What to do about failures that are the same whatever was asked for.
  static func ofConnection(_ code: StatusCode, _ options: CommandOptions) -> String? {
    switch code {
    case .unauthenticated where options.federatedAuth == "spiffe":
      "the server did not accept the SVID: check that --federated-server-url is its port for SVIDs, and that an "
        + "Authorization on the server names the SPIFFE ID and a SpiffeFederation with its trust domain's bundle"
    case .unauthenticated where options.federatedAuth != "kubernetes":
      "the server did not accept the token of \(options.federatedAuth): check that an Authorization on the server names its "
        + "issuer and a federation of that kind"
    case .unauthenticated:
      "the server did not accept the token in \(options.federatedToken): check that it has not expired, and that an "
        + "Authorization and a KubernetesFederation on the server name its issuer"
    case .unavailable: "check --federated-server-url, --federated-ca-crt and the network to the server"
    case .deadlineExceeded: "try again, or give more time with --federated-timeout"
    default: nil
    }
  }
}
