import FederationAPI

@testable import FederationClient

/// A wire that answers what a test has it answer, and every other call as a server that is not there.
protocol PartialWire: FederationWire {}

extension PartialWire {
  private var down: RPCError { RPCError(.unavailable, "cannot connect") }

  func secrets(
    _ names: [SecretName], _ credentials: CallCredentials, deadline: MonotonicTime,
    noteStale: @escaping StaleSecretNote
  ) async -> [Result<SecretBytes, RPCError>] { [] }
  func authenticate(
    _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) -> AuthenticatedCaller { throw down }
  func generate(
    _ generator: GeneratorReference, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(GenerateFailure) -> [String: SecretBytes] { throw GenerateFailure(down, mayHaveIssued: false) }
  func resolve(
    _ request: ResolveExternalSecretRequest, mayIssue: Bool, _ credentials: CallCredentials, deadline: MonotonicTime,
    noteStale: @Sendable (UInt32) -> Void
  ) async throws(GenerateFailure) -> [String: SecretBytes] { throw GenerateFailure(down, mayHaveIssued: false) }
  func revokeSelf(
    _ generator: GeneratorReference, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) { throw down }
  func revokeCredentials(
    namespace: String, owner: String, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) { throw down }
  func watch(
    _ secrets: [SecretReference], after: UInt64, _ credentials: CallCredentials
  ) throws(RPCError) -> any WatchStream { throw down }
  func close() async {}
}
