import FederationAPI
import Synchronization

/// Answers from a dictionary to whoever bears one token, and remembers what it was asked.
final class FakeFederationService: FederationService {
  /// One GetSecret as it came.
  struct Call: Sendable, Equatable {
    /// What was asked for, with the caller's PEM bundle.
    var request: GetSecretRequest
    /// The `authorization` metadata or header.
    var authorization: String?
    /// The `x-workload-token` metadata or header.
    var workloadToken: String?
    /// Address and port; equal for calls on one connection.
    var peer: String
  }

  private struct State {
    var calls: [Call] = []
    var batches: [BatchGetSecretsRequest] = []
    var protocols: [String?] = []
    var token: String
    var secrets: [String: [String: SecretBytes]]
    var waiting: [CheckedContinuation<Void, Never>] = []
    var refusals: [RPCError] = []
  }

  /// What it generates and revokes.
  let generators: FakeGenerators
  /// One element for each GetSecret, as soon as it is there.
  let arrivals: AsyncStream<Void>
  private let arrived: AsyncStream<Void>.Continuation
  private let answersTogether: Int
  private let batchRoom: Int?
  private let state: Mutex<State>

  /// Serves `secrets`, by store and key. With `answersTogether` no call is answered before so many wait. Batches are
  /// unknown unless there is `batchRoom`: results that one has at most, the others being refused for want of room.
  init(
    secrets: [String: [String: SecretBytes]], token: String = "good-token", answersTogether: Int = 1,
    batchRoom: Int? = nil, generators: FakeGenerators = FakeGenerators()
  ) {
    self.generators = generators
    self.answersTogether = answersTogether
    self.batchRoom = batchRoom
    (arrivals, arrived) = AsyncStream.makeStream()
    state = Mutex(State(token: token, secrets: secrets))
  }

  /// Every GetSecret so far.
  var calls: [Call] { state.withLock { $0.calls } }

  /// Every BatchGetSecrets so far, also those that were not answered.
  var batches: [BatchGetSecretsRequest] { state.withLock { $0.batches } }

  /// What TLS agreed on for each connection so far, nil where it agreed on nothing.
  var protocols: [String?] { state.withLock { $0.protocols } }

  /// Accepts `token` from now on, and no other.
  func accept(token: String) { state.withLock { $0.token = token } }

  /// Gives `value` from now on.
  func put(_ value: SecretBytes, store: String, name: String) { state.withLock { $0.secrets[store]?[name] = value } }

  /// Answers the next calls of GetSecret with `refusals`, one each.
  func refuse(_ refusals: [RPCError]) { state.withLock { $0.refusals = refusals } }

  func noteConnection(alpn: String?) { state.withLock { $0.protocols.append(alpn) } }

  func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> {
    guard call.authorization == "Bearer \(state.withLock { $0.token })" else {
      return .ready(.failure(.unauthenticated))
    }
    return .ready(
      .success(
        VerifiedIdentity(
          method: .oidc, provider: "https://issuer.test", subject: "system:serviceaccount:shop:web", kubernetes: nil,
          federations: [], expiresAtSeconds: 4_102_444_800)))
  }

  func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
    let token = state.withLock { state in
      state.calls.append(
        Call(
          request: request, authorization: call.authorization, workloadToken: call.workloadToken, peer: call.peer))
      return state.token
    }
    let answer = answer(request, isAuthenticated: call.authorization == "Bearer \(token)")
    arrived.yield()
    guard answersTogether > 1 else { return .ready(answer) }
    return .pending {
      await self.waitForOthers()
      return answer
    }
  }

  func batchGetSecrets(
    _ request: BatchGetSecretsRequest, _ call: CallContext
  ) -> Reply<[Result<SecretBytes, RPCError>]> {
    state.withLock { $0.batches.append(request) }
    guard let batchRoom else { return .ready(.failure(RPCError(.unimplemented, "method BatchGetSecrets"))) }
    return verify(call, caCertificates: request.caCertificates).then { _ in
      let results = request.secrets.enumerated().map { index, secret -> Result<SecretBytes, RPCError> in
        guard index < batchRoom else { return .failure(RPCError(.resourceExhausted, "full")) }
        return self.answer(GetSecretRequest(store: secret.store, name: secret.key), isAuthenticated: true)
      }
      return .ready(.success(results))
    }
  }

  func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
    verify(call, caCertificates: request.caCertificates)
  }

  func generate(_ request: GenerateRequest, _ call: CallContext) -> Reply<[String: SecretBytes]> {
    verify(call, caCertificates: request.caCertificates).then { _ in
      self.generators.generate(request, peer: call.peer)
    }
  }

  func revokeSelf(_ request: RevokeSelfRequest, _ call: CallContext) -> Reply<Void> {
    verify(call, caCertificates: request.caCertificates).then { _ in self.generators.revoke(.own(request)) }
  }

  func revokeCredentials(_ request: RevokeCredentialsRequest, _ call: CallContext) -> Reply<Void> {
    verify(call, caCertificates: request.caCertificates).then { _ in self.generators.revoke(.owner(request)) }
  }

  func resolveExternalSecret(
    _ request: ResolveExternalSecretRequest, _ call: CallContext
  ) -> Reply<[String: SecretBytes]> {
    verify(call, caCertificates: request.caCertificates).then { _ in
      self.generators.resolve(request, peer: call.peer)
    }
  }

  private func answer(_ request: GetSecretRequest, isAuthenticated: Bool) -> Result<SecretBytes, RPCError> {
    guard isAuthenticated else { return .failure(.unauthenticated) }
    let refusal = state.withLock { $0.refusals.isEmpty ? nil : $0.refusals.removeFirst() }
    if let refusal { return .failure(refusal) }
    guard let store = state.withLock({ $0.secrets[request.store] }) else { return .failure(.notAuthorized) }
    guard let value = store[request.name] else {
      return .failure(RPCError(.notFound, "no secret \"\(request.name)\" in store \"\(request.store)\""))
    }
    return .success(value)
  }

  private func waitForOthers() async {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
        state.waiting.append(continuation)
        guard state.waiting.count >= answersTogether else { return [] }
        defer { state.waiting = [] }
        return state.waiting
      }
      for continuation in ready { continuation.resume() }
    }
  }
}
