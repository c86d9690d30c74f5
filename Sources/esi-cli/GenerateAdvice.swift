import FederationAPI

/// Says what to do when a generator gave no credential.
enum GenerateAdvice {
  /// Goes with every failure after a generator was called: nothing takes those credentials back. Revoking them would
  /// also end the ones that this workload's other containers use.
  static let ending = "the credentials that were issued are not used, and end with their lease"

  /// One line for one generator: its name, the reason, and the advice.
  static func line(_ generator: GeneratorReference, _ error: RPCError, _ options: CommandOptions) -> String {
    let advice = advice(error, generator, options).map { "; \($0)" } ?? ""
    return "generator \"\(generator)\" gave no credential: \(error.message)\(advice)"
  }

  private static func advice(
    _ error: RPCError, _ generator: GeneratorReference, _ options: CommandOptions
  ) -> String? {
    if let problem = error.credentialProblem { return CredentialAdvice.text(problem, options) }
    return switch error.code {
    case .permissionDenied:
      "check namespace, kind and name, or ask for an Authorization that names \(CredentialAdvice.subject(options)) and "
        + "lists \(generator) in allowedGenerators"
    case .notFound: "check namespace, kind and name, or ask for the generator to be put onto the server"
    case .unimplemented: "check --federated-server-url, and that the server has generators"
    case .failedPrecondition, .invalidArgument: "check the flags, and the generator on the server"
    case .unknown: "look at the server's log, and start again"
    default: FetchAdvice.ofConnection(error.code, options)
    }
  }
}
