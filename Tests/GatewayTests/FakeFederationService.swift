import FederationAPI
import Synchronization

/// A service that says what a test tells it to and remembers what it was asked.
final class FakeFederationService: FederationService {
  enum Call: Equatable {
    case verify([UInt8])
    case getSecret(store: String, name: String, [UInt8])
    case generate(GenerateRequest)
    case revokeSelf(RevokeSelfRequest)
    case revokeCredentials(RevokeCredentialsRequest)
    case resolve(ResolveExternalSecretRequest)
  }

  private struct State {
    var calls: [Call] = []
    var contexts: [CallContext] = []
  }

  let secret: Result<SecretBytes, RPCError>
  let verification: Result<Void, RPCError>
  /// What every call of a generator is answered.
  let generated: Result<[String: SecretBytes], RPCError>
  let isPending: Bool
  private let state = Mutex(State())

  init(
    secret: Result<SecretBytes, RPCError> = .success(SecretBytes("s3cret")),
    verification: Result<Void, RPCError> = .success(()),
    generated: Result<[String: SecretBytes], RPCError> = .success(["password": SecretBytes("pa55")]),
    isPending: Bool = false
  ) {
    self.secret = secret
    self.verification = verification
    self.generated = generated
    self.isPending = isPending
  }

  /// A service that accepts nobody.
  static var refusing: FakeFederationService {
    FakeFederationService(
      secret: .failure(.unauthenticated), verification: .failure(.unauthenticated),
      generated: .failure(.unauthenticated))
  }

  var calls: [Call] { state.withLock { $0.calls } }
  var contexts: [CallContext] { state.withLock { $0.contexts } }

  func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> {
    record(.verify(caCertificates), call)
    let identity = VerifiedIdentity(
      method: .oidc, provider: "https://issuer", subject: "system:serviceaccount:a:b", kubernetes: nil,
      federations: [], expiresAtSeconds: 0)
    return reply(verification.map { identity })
  }

  func resolveExternalSecret(
    _ request: ResolveExternalSecretRequest, _ call: CallContext
  ) -> Reply<[String: SecretBytes]> {
    record(.resolve(request), call)
    return reply(generated)
  }

  func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
    record(.getSecret(store: request.store, name: request.name, request.caCertificates), call)
    return reply(secret)
  }

  func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
    .ready(.failure(RPCError(.internal, "no route leads here")))
  }

  func generate(_ request: GenerateRequest, _ call: CallContext) -> Reply<[String: SecretBytes]> {
    record(.generate(request), call)
    return reply(generated)
  }

  func revokeSelf(_ request: RevokeSelfRequest, _ call: CallContext) -> Reply<Void> {
    record(.revokeSelf(request), call)
    return reply(generated.map { _ in })
  }

  func revokeCredentials(_ request: RevokeCredentialsRequest, _ call: CallContext) -> Reply<Void> {
    record(.revokeCredentials(request), call)
    return reply(generated.map { _ in })
  }

  private func record(_ call: Call, _ context: CallContext) {
    state.withLock { state in
      state.calls.append(call)
      state.contexts.append(context)
    }
  }

  private func reply<Value>(_ result: Result<Value, RPCError>) -> Reply<Value> {
    isPending ? .pending { result } : .ready(result)
  }
}
