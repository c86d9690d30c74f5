import FederationAPI
import FederationClient

/// Fetches all secrets of a daemon's plan, on the connection that its client keeps.
struct SecretFetch: Sendable {
  var options: CommandOptions
  var names: [SecretName]
  var client: FederationClient

  /// Why a refresh came to nothing, in one line.
  struct Refusal: Error {
    var message: String
    /// Whether the same question may be answered soon: the server was not there.
    var isTemporary = false
  }

  /// Every value, or none. `timeoutSeconds` stands for `--federated-timeout`.
  func values(timeoutSeconds: Double? = nil) async throws(Refusal) -> [SecretName: SecretBytes] {
    var values: [SecretName: SecretBytes] = [:]
    var failures: [(name: SecretName, error: RPCError)] = []
    let results = await client.secrets(names, timeoutSeconds: timeoutSeconds, noteStale: reportStale)
    for (name, result) in zip(names, results) {
      switch result {
      case .success(let value): values[name] = value
      case .failure(let error): failures.append((name, error))
      }
    }
    // What is final is told before what may be better next time.
    guard let told = failures.first(where: { $0.error.code != .unavailable }) ?? failures.first else { return values }
    let others = failures.count > 1 ? " (and \(failures.count - 1) more)" : ""
    throw Refusal(
      message: FetchAdvice.line(told.name, told.error, options) + others, isTemporary: told.error.code == .unavailable)
  }
}
