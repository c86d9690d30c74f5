import FederationAPI

/// Answers what a wire made of the bytes it got: from memory, later, or with a refusal, as the store's name says.
final class ScriptedService: FederationService {
  static let secret = SecretBytes("a \"secret\" <of> é")

  func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> { identity(call) }

  func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> { identity(call) }

  func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
    guard call.authorization?.hasPrefix("Bearer ") == true else { return .ready(.failure(.unauthenticated)) }
    switch request.store {
    case "fast": return .ready(.success(Self.secret))
    case "slow": return .pending { .success(Self.secret) }
    default: return .ready(.failure(.notAuthorized))
    }
  }

  func batchGetSecrets(
    _ request: BatchGetSecretsRequest, _ call: CallContext
  ) -> Reply<[Result<SecretBytes, RPCError>]> {
    .ready(.success(request.secrets.map { $0.store == "fast" ? .success(Self.secret) : .failure(.notAuthorized) }))
  }

  func generate(_ request: GenerateRequest, _ call: CallContext) -> Reply<[String: SecretBytes]> {
    .pending { .success([request.generator.name: Self.secret]) }
  }

  func revokeSelf(_ request: RevokeSelfRequest, _ call: CallContext) -> Reply<Void> { .ready(.success(())) }

  func revokeCredentials(_ request: RevokeCredentialsRequest, _ call: CallContext) -> Reply<Void> {
    .ready(.success(()))
  }

  func resolveExternalSecret(
    _ request: ResolveExternalSecretRequest, _ call: CallContext
  ) -> Reply<[String: SecretBytes]> {
    .ready(.success(["data": SecretBytes(request.data), "dataFrom": SecretBytes(request.dataFrom)]))
  }

  func watchSecrets(_ call: CallContext, wake: @escaping @Sendable () -> Void) -> (any SecretWatch)? { ScriptedWatch() }

  func makeImmediateAnswers() -> (any ImmediateAnswers)? { ScriptedAnswers() }

  private func identity(_ call: CallContext) -> Reply<VerifiedIdentity> {
    guard call.authorization != nil else { return .ready(.failure(.unauthenticated)) }
    return .ready(
      .success(
        VerifiedIdentity(
          method: .oidc, provider: "p", subject: "s", kubernetes: nil, federations: [], expiresAtSeconds: 1)))
  }
}

/// Gives each secret's value once, and waits for nothing.
private final class ScriptedWatch: SecretWatch {
  private var events: [WatchSecretsEvent] = []

  func received(_ request: WatchSecretsRequest) throws(RPCError) {
    for index in request.secrets.indices.prefix(8) {
      events.append(
        WatchSecretsEvent(secret: UInt32(index), revision: request.afterRevision, kind: .value(ScriptedService.secret)))
    }
  }

  func inputEnded() throws(RPCError) { throw .unauthenticated }
  func next() -> WatchStep { events.isEmpty ? .wait : .event(events.removeFirst()) }
  func drain() { events = [] }
  func close() { events = [] }
}

/// Knows the store `fast`, as the service does.
private final class ScriptedAnswers: ImmediateAnswers, ImmediateSession {
  func session(binding: ConnectionIdentity?, peer: String) -> any ImmediateSession { self }

  func secret(
    store: RawSpan, name: RawSpan, caCertificates: RawSpan, authorization: RawSpan, now: MonotonicTime
  ) -> SecretBytes? {
    guard store.isEqual(to: "fast"), name.isUTF8, authorization.starts(with: "Bearer ") else { return nil }
    return ScriptedService.secret
  }
}
