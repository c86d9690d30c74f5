import FederationAPI
import FederationClient

/// Says what to do when a secret could not be fetched.
enum FetchAdvice {
  /// One line for one secret: its name, the reason, and the advice.
  static func line(_ secret: SecretName, _ error: RPCError, _ options: CommandOptions) -> String {
    let advice = advice(error, secret, options).map { "; \($0)" } ?? ""
    return "secret \"\(secret.key)\" of store \"\(secret.store)\" was not fetched: \(error.message)\(advice)"
  }

  private static func advice(_ error: RPCError, _ secret: SecretName, _ options: CommandOptions) -> String? {
    if let problem = error.credentialProblem { return CredentialAdvice.text(problem, options) }
    return switch error.code {
    case .permissionDenied:
      "ask for an Authorization that names \(CredentialAdvice.subject(options)) and lists \"\(secret.store)\" in "
        + "allowedClusterSecretStores"
    case .notFound: "check the key's name, or ask for it to be put into the store"
    case .unimplemented: "check --federated-server-url and --federated-transport"
    case .failedPrecondition, .invalidArgument: "check the flags, and the store on the server"
    default: ofConnection(error.code, options)
    }
  }

  /// What to do about failures that are the same whatever was asked for.
  static func ofConnection(_ code: StatusCode, _ options: CommandOptions) -> String? {
    switch code {
    case .unauthenticated: CredentialAdvice.unauthenticated(options)
    case .unavailable: "check --federated-server-url, --federated-ca-crt and the network to the server"
    case .deadlineExceeded: "try again, or give more time with --federated-timeout"
    default: nil
    }
  }
}
