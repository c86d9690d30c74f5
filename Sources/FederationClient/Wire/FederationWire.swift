import FederationAPI

/// A way to carry calls to a federation server.
protocol FederationWire: Sendable {
  /// Fetches `names` on one connection; results stand in the order of the names. `noteStale` is told of values that are
  /// past their time.
  func secrets(
    _ names: [SecretName], _ credentials: CallCredentials, deadline: MonotonicTime, noteStale: @escaping StaleSecretNote
  ) async -> [Result<SecretBytes, RPCError>]

  /// Has the server verify the credentials and bind them to the connection.
  func authenticate(
    _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) -> AuthenticatedCaller

  /// Has a generator make a credential. Sent once at most; the failure says whether one may have been issued.
  func generate(
    _ generator: GeneratorReference, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(GenerateFailure) -> [String: SecretBytes]

  /// Resolves an ExternalSecret's data; the request's CA bundle is that of the credentials. Sent once at most where it
  /// `mayIssue` credentials; the failure says whether one may have been issued. `noteStale` is told how many seconds past
  /// its time the oldest value is.
  func resolve(
    _ request: ResolveExternalSecretRequest, mayIssue: Bool, _ credentials: CallCredentials, deadline: MonotonicTime,
    noteStale: @Sendable (UInt32) -> Void
  ) async throws(GenerateFailure) -> [String: SecretBytes]

  /// Takes back what a generator made for the caller's workload.
  func revokeSelf(
    _ generator: GeneratorReference, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError)

  /// Takes back an owner's credentials in one namespace.
  func revokeCredentials(
    namespace: String, owner: String, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError)

  /// Watches `secrets` after what the revision `after` and all before it said. Throws UNIMPLEMENTED where the wire has no
  /// streams.
  func watch(
    _ secrets: [SecretReference], after: UInt64, _ credentials: CallCredentials
  ) throws(RPCError) -> any WatchStream

  /// Closes the connection.
  func close() async
}

/// Told of a value that the server gave although it is so many seconds past its time, because its backend errs.
public typealias StaleSecretNote = @Sendable (_ secret: SecretName, _ seconds: UInt32) -> Void

/// Who the server says the caller is.
public struct AuthenticatedCaller: Hashable, Sendable {
  /// How the caller was verified: `oidc`, `okta`, `pingidentity` or `spiffe`.
  public var method: String
  /// The token's issuer, or the trust domain's name.
  public var provider: String
  /// The token's subject, or the SPIFFE ID.
  public var subject: String
  /// When the proof ends, in seconds since 1970-01-01T00:00:00Z.
  public var expiresAtSeconds: Int64

  /// Makes the value.
  public init(method: String, provider: String, subject: String, expiresAtSeconds: Int64) {
    self.method = method
    self.provider = provider
    self.subject = subject
    self.expiresAtSeconds = expiresAtSeconds
  }
}
