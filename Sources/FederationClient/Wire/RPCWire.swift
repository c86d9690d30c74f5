import FederationAPI
import Synchronization
import TTRPC

/// ttrpc or gRPC over TLS: several secrets are one call, or, where the server knows no batches, calls that leave at once.
final class RPCWire: FederationWire {
  /// What the two sides were verified with when the connection was made.
  let trust: WireTrust
  private let client: FederationRPCClient
  /// Whether the server may know BatchGetSecrets: it did not yet say otherwise.
  private let batches = Atomic(true)

  init(client: FederationRPCClient, trust: WireTrust) {
    self.client = client
    self.trust = trust
  }

  func secrets(
    _ names: [SecretName], _ credentials: CallCredentials, deadline: MonotonicTime, noteStale: @escaping StaleSecretNote
  ) async -> [Result<SecretBytes, RPCError>] {
    // A name that no message can hold would spoil the batch for the others.
    let isBatch = names.count > 1 && !names.contains { $0.store.utf8.contains(0) || $0.key.utf8.contains(0) }
    guard isBatch, batches.load(ordering: .relaxed) else {
      return await oneByOne(names, credentials, deadline: deadline, noteStale)
    }
    var results = [Result<SecretBytes, RPCError>](repeating: .failure(.unanswered), count: names.count)
    var pending = names.indices[...]
    while !pending.isEmpty {
      let asked = pending.prefix(Limits.batchedSecrets)
      let answers: [Result<SecretBytes, RPCError>]
      do throws(RPCError) {
        answers = try await batch(asked.map { names[$0] }, credentials, deadline: deadline, noteStale)
      } catch {
        guard error.code != .unimplemented else {
          batches.store(false, ordering: .relaxed)
          return await oneByOne(names, credentials, deadline: deadline, noteStale)
        }
        for index in pending { results[index] = .failure(PrintableText.of(error)) }
        return results
      }
      for (index, answer) in zip(asked, answers) { results[index] = answer.mapError { PrintableText.of($0) } }
      // The server fills its answers in order. Where one was full before anything was in it, the next is no better.
      let answered = answers.prefix { !$0.isOutOfRoom }.count
      pending = pending.dropFirst(answered > 0 ? answered : asked.count)
    }
    // What is too large beside others may still go alone.
    let large = names.indices.filter { results[$0].isOutOfRoom }
    let alone = await oneByOne(large.map { names[$0] }, credentials, deadline: deadline, noteStale)
    for (index, answer) in zip(large, alone) { results[index] = answer }
    return results
  }

  private func batch(
    _ names: [SecretName], _ credentials: CallCredentials, deadline: MonotonicTime,
    _ noteStale: @escaping StaleSecretNote
  ) async throws(RPCError) -> [Result<SecretBytes, RPCError>] {
    let request = BatchGetSecretsRequest(
      secrets: names.map { SecretReference(store: $0.store, key: $0.key) },
      caCertificates: credentials.caCertificates ?? [])
    return try await client.batchGetSecrets(
      request, credentials: proof(credentials), timeoutNanoseconds: timeLeft(until: deadline)
    ) { noteStale(names[$0], $1) }
  }

  private func oneByOne(
    _ names: [SecretName], _ credentials: CallCredentials, deadline: MonotonicTime,
    _ noteStale: @escaping StaleSecretNote
  ) async -> [Result<SecretBytes, RPCError>] {
    await withTaskGroup(of: (Int, Result<SecretBytes, RPCError>).self) { group in
      for (index, name) in names.enumerated() {
        group.addTask { (index, await self.secret(name, credentials, deadline: deadline, noteStale)) }
      }
      var results = [Result<SecretBytes, RPCError>](repeating: .failure(.unanswered), count: names.count)
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
      throw GenerateFailure(error)
    }
  }

  func resolve(
    _ request: ResolveExternalSecretRequest, mayIssue: Bool, _ credentials: CallCredentials, deadline: MonotonicTime,
    noteStale: @Sendable (UInt32) -> Void
  ) async throws(GenerateFailure) -> [String: SecretBytes] {
    var request = request
    request.caCertificates = credentials.caCertificates ?? []
    do throws(CallFailure) {
      return try await client.attemptResolveExternalSecret(
        request, credentials: proof(credentials), timeoutNanoseconds: timeLeft(until: deadline), noteStale: noteStale)
    } catch {
      throw GenerateFailure(error)
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

  func watch(
    _ secrets: [SecretReference], after: UInt64, _ credentials: CallCredentials
  ) throws(RPCError) -> any WatchStream {
    try client.watchSecrets(
      WatchSecretsRequest(
        secrets: secrets, afterRevision: after, caCertificates: credentials.caCertificates ?? []),
      credentials: proof(credentials))
  }

  func close() async { client.close() }

  private func secret(
    _ name: SecretName, _ credentials: CallCredentials, deadline: MonotonicTime, _ noteStale: @escaping StaleSecretNote
  ) async -> Result<SecretBytes, RPCError> {
    do throws(RPCError) {
      let request = GetSecretRequest(
        store: name.store, name: name.key, caCertificates: credentials.caCertificates ?? [])
      return .success(
        try await client.getSecret(
          request, credentials: proof(credentials), timeoutNanoseconds: timeLeft(until: deadline)
        ) { noteStale(name, $0) })
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

extension GenerateFailure {
  fileprivate init(_ failure: CallFailure) {
    // A server that gave up at the deadline says nothing of how far it came.
    let isLate = failure.progress == .refused && failure.error.code == .deadlineExceeded
    self.init(PrintableText.of(failure.error), mayHaveIssued: failure.progress == .unanswered || isLate)
  }
}

extension RPCError {
  fileprivate static let unanswered = RPCError(.internal, "the call gave no result")
}

extension Result where Failure == RPCError {
  fileprivate var isOutOfRoom: Bool {
    if case .failure(let error) = self { error.code == .resourceExhausted } else { false }
  }
}
