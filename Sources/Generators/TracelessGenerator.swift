import FederationAPI
import JSON

/// A generator that leaves nothing behind outside this process, so that there is nothing to remember and nothing to take
/// back.
protocol TracelessGenerator: Generator {
  /// Fails when the configuration cannot serve; the default never does.
  func check() throws(RPCError)

  /// Makes the values.
  func values() async throws(RPCError) -> GeneratedValues
}

extension TracelessGenerator {
  func check() throws(RPCError) {}

  func plan(_ request: GenerationRequest) throws(RPCError) -> GenerationPlan {
    try check()
    return GenerationPlan(state: .object([:]), expiresAtSeconds: request.expiresAtSeconds)
  }

  func generate(_ plan: GenerationPlan) async throws(RPCError) -> GeneratedCredential {
    GeneratedCredential(values: try await values())
  }

  func cleanUp(_ state: JSONValue) async throws(RPCError) {}
}
