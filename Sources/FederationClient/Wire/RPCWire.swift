import FederationAPI
import TTRPC

/// ttrpc or gRPC over TLS: every call of a fetch leaves at once, on one connection.
final class RPCWire: FederationWire {
  /// What the server was verified with when the connection was made.
  let caCertificates: [UInt8]?
  private let client: FederationRPCClient

  init(client: FederationRPCClient, caCertificates: [UInt8]?) {
    self.client = client
    self.caCertificates = caCertificates
  }

  func secrets(
    _ names: [SecretName], _ credentials: CallCredentials, deadline: MonotonicTime
  ) async -> [Result<SecretBytes, RPCError>] {
    await withTaskGroup(of: (Int, Result<SecretBytes, RPCError>).self) { group in
      for (index, name) in names.enumerated() {
        group.addTask { (index, await self.secret(name, credentials, deadline: deadline)) }
      }
      let unanswered = RPCError(.internal, "the call gave no result")
      var results = [Result<SecretBytes, RPCError>](repeating: .failure(unanswered), count: names.count)
      for await (index, result) in group { results[index] = result }
      return results
    }
  }

  func authenticate(
    _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) -> AuthenticatedCaller {
    let answer = try await client.authenticate(
      AuthenticateRequest(caCertificates: credentials.caCertificates ?? []), credentials: proof(credentials),
      timeoutNanoseconds: timeLeft(until: deadline))
    return AuthenticatedCaller(
      method: answer.method, provider: answer.provider, subject: answer.subject,
      expiresAtSeconds: answer.expiresAtSeconds)
  }

  func generate(
    _ generator: GeneratorReference, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(GenerateFailure) -> [String: SecretBytes] {
    let request = GenerateRequest(generator: generator, caCertificates: credentials.caCertificates ?? [])
    do throws(CallFailure) {
      return try await client.attemptGenerate(
        request, credentials: proof(credentials), timeoutNanoseconds: timeLeft(until: deadline))
    } catch {
      // A server that gave up at the deadline says nothing of how far it came.
      let isLate = error.progress == .refused && error.error.code == .deadlineExceeded
      throw GenerateFailure(PrintableText.of(error.error), mayHaveIssued: error.progress == .unanswered || isLate)
    }
  }

  func revokeSelf(
    _ generator: GeneratorReference, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) {
    let request = RevokeSelfRequest(generator: generator, caCertificates: credentials.caCertificates ?? [])
    try await client.revokeSelf(
      request, credentials: proof(credentials), timeoutNanoseconds: timeLeft(until: deadline))
  }

  func revokeCredentials(
    namespace: String, owner: String, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) {
    let request = RevokeCredentialsRequest(
      namespace: namespace, owner: owner, caCertificates: credentials.caCertificates ?? [])
    try await client.revokeCredentials(
      request, credentials: proof(credentials), timeoutNanoseconds: timeLeft(until: deadline))
  }

  func close() async { client.close() }

  private func secret(
    _ name: SecretName, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async -> Result<SecretBytes, RPCError> {
    do throws(RPCError) {
      let request = GetSecretRequest(
        store: name.store, name: name.key, caCertificates: credentials.caCertificates ?? [])
      return .success(
        try await client.getSecret(
          request, credentials: proof(credentials), timeoutNanoseconds: timeLeft(until: deadline)))
    } catch {
      return .failure(PrintableText.of(error))
    }
  }

  private func proof(_ credentials: CallCredentials) -> FederationRPCClient.Credentials {
    .init(token: credentials.token, workloadToken: credentials.workloadToken)
  }

  private func timeLeft(until deadline: MonotonicTime) -> Int64 {
    Int64(clamping: MonotonicTime.now.nanoseconds(until: deadline))
  }
}
