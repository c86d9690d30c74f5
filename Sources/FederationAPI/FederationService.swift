/// The handlers behind every wire: one function for each RPC of `federation.v1.FederationService`.
///
/// Functions are called on event loops and must not block; what has to wait is returned as
/// ``Reply/pending(_:)``.
public protocol FederationService: AnyObject, Sendable {
  /// Verifies the call's credentials; the gateway also asks this for unknown routes, which answer 401 first.
  /// `caCertificates` is the caller's PEM bundle, empty when it sent none.
  func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity>
  /// Fetches one secret value.
  func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes>
  /// Fetches several secrets; each has its own result, in the request's order.
  func batchGetSecrets(_ request: BatchGetSecretsRequest, _ call: CallContext) -> Reply<[Result<SecretBytes, RPCError>]>
  /// Verifies the call's credentials and binds them to the connection where there is a binding.
  func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity>
  /// Makes a credential for the caller, by output key.
  func generate(_ request: GenerateRequest, _ call: CallContext) -> Reply<[String: SecretBytes]>
  /// Takes back what a generator made for the caller's own workload; succeeds when there was nothing.
  func revokeSelf(_ request: RevokeSelfRequest, _ call: CallContext) -> Reply<Void>
  /// Takes back every credential of an owner in one namespace; succeeds when there was nothing.
  func revokeCredentials(_ request: RevokeCredentialsRequest, _ call: CallContext) -> Reply<Void>
  /// Resolves `spec.data` and `spec.dataFrom` of an ExternalSecret: the values of its Secret by key.
  func resolveExternalSecret(
    _ request: ResolveExternalSecretRequest, _ call: CallContext
  ) -> Reply<[String: SecretBytes]>
  /// Begins one WatchSecrets, which calls `wake`, from any thread, when it has something to say; nil where there are none.
  func watchSecrets(_ call: CallContext, wake: @escaping @Sendable () -> Void) -> (any SecretWatch)?
  /// Makes what one event loop answers calls from that need nothing but memory; nil when every call is to be asked here.
  func makeImmediateAnswers() -> (any ImmediateAnswers)?
}

extension FederationService {
  /// UNIMPLEMENTED.
  public func batchGetSecrets(
    _ request: BatchGetSecretsRequest, _ call: CallContext
  ) -> Reply<[Result<SecretBytes, RPCError>]> {
    .ready(.failure(RPCError(.unimplemented, "this service answers no batches")))
  }

  /// UNIMPLEMENTED.
  public func generate(_ request: GenerateRequest, _ call: CallContext) -> Reply<[String: SecretBytes]> {
    .ready(.failure(.noGenerators))
  }

  /// UNIMPLEMENTED.
  public func revokeSelf(_ request: RevokeSelfRequest, _ call: CallContext) -> Reply<Void> {
    .ready(.failure(.noGenerators))
  }

  /// UNIMPLEMENTED.
  public func revokeCredentials(_ request: RevokeCredentialsRequest, _ call: CallContext) -> Reply<Void> {
    .ready(.failure(.noGenerators))
  }

  /// UNIMPLEMENTED.
  public func resolveExternalSecret(
    _ request: ResolveExternalSecretRequest, _ call: CallContext
  ) -> Reply<[String: SecretBytes]> {
    .ready(.failure(RPCError(.unimplemented, "this service resolves no ExternalSecrets")))
  }

  /// None.
  public func watchSecrets(_ call: CallContext, wake: @escaping @Sendable () -> Void) -> (any SecretWatch)? { nil }

  /// None.
  public func makeImmediateAnswers() -> (any ImmediateAnswers)? { nil }
}

extension RPCError {
  fileprivate static let noGenerators = RPCError(.unimplemented, "this service has no generators")
}

/// Asks for the whole value of one key. Mirrors `POST /secretstore/{store}/secrets/{name}`.
public struct GetSecretRequest: Hashable, Sendable {
  /// Name of the ClusterSecretStore.
  public var store: String
  /// Key of the secret in the store.
  public var name: String
  /// The caller's PEM bundle, empty when it sent none.
  public var caCertificates: [UInt8]
  /// Whether the store's backend is to be asked, whatever the server has in memory.
  public var asksBackend: Bool

  /// Makes a request.
  public init(store: String, name: String, caCertificates: [UInt8] = [], asksBackend: Bool = false) {
    self.store = store
    self.name = name
    self.caCertificates = caCertificates
    self.asksBackend = asksBackend
  }
}

/// Asks for the call's token to be bound to its connection.
public struct AuthenticateRequest: Hashable, Sendable {
  /// The caller's PEM bundle, empty when it sent none.
  public var caCertificates: [UInt8]

  /// Makes a request.
  public init(caCertificates: [UInt8] = []) {
    self.caCertificates = caCertificates
  }
}
