import FederationAPI
import FederationProto

/// `federation.v1.FederationService` over one connection of an RPC wire.
public struct FederationRPCClient: Sendable {
  /// What a call proves its caller with.
  public struct Credentials: Sendable {
    /// The bearer token, without `Bearer `; nil once Authenticate has bound an identity to the connection.
    public var token: String?
    /// The token that names the workload, sent as `x-workload-token`.
    public var workloadToken: String?

    /// Makes credentials.
    public init(token: String? = nil, workloadToken: String? = nil) {
      self.token = token
      self.workloadToken = workloadToken
    }

    var metadata: [(key: String, value: String)] {
      var metadata: [(key: String, value: String)] = []
      if let token { metadata.append(("authorization", "Bearer \(token)")) }
      if let workloadToken { metadata.append(("x-workload-token", workloadToken)) }
      return metadata
    }
  }

  private let client: any RPCCalling

  /// Makes calls on `client`.
  public init(client: any RPCCalling) {
    self.client = client
  }

  /// Fetches one secret value. `noteStale` is told how many seconds past its time it is, where its backend errs. Throws
  /// what the server answers, or what ``RPCCalling`` throws.
  public func getSecret(
    _ request: GetSecretRequest, credentials: Credentials = Credentials(), timeoutNanoseconds: Int64? = nil,
    noteStale: (UInt32) -> Void = { _ in }
  ) async throws(RPCError) -> SecretBytes {
    var answer = try await call(.getSecret, try request.protobuf(), credentials, timeoutNanoseconds)
    let value = Result { () throws(RPCError) in
      try GetSecretResponse.value(protobuf: answer.span.bytes, noteStale: noteStale)
    }
    answer.wipe()
    return try value.get()
  }

  /// Fetches up to ``Limits/batchedSecrets`` values; each has its own result, in the request's order. Throws what is
  /// wrong with the call as a whole, as ``getSecret(_:credentials:timeoutNanoseconds:noteStale:)`` does, and INTERNAL when the
  /// server answers with another number of results. `noteStale` is told the places of values that are past their time, and
  /// how many seconds.
  public func batchGetSecrets(
    _ request: BatchGetSecretsRequest, credentials: Credentials = Credentials(), timeoutNanoseconds: Int64? = nil,
    noteStale: (Int, UInt32) -> Void = { _, _ in }
  ) async throws(RPCError) -> [Result<SecretBytes, RPCError>] {
    var answer = try await call(.batchGetSecrets, try request.protobuf(), credentials, timeoutNanoseconds)
    var stale: [(place: Int, seconds: UInt32)] = []
    let decoded = Result { () throws(RPCError) in
      try BatchGetSecretsResponse.results(protobuf: answer.span.bytes) { stale.append(($0, $1)) }
    }
    answer.wipe()
    let results = try decoded.get()
    guard results.count == request.secrets.count else {
      let message = "the server gave \(results.count) results for \(request.secrets.count) secrets"
      throw RPCError(.internal, message)
    }
    for (place, seconds) in stale { noteStale(place, seconds) }
    return results
  }

  /// Binds the token's identity to the connection, so that later calls need no token until it expires.
  public func authenticate(
    _ request: AuthenticateRequest, credentials: Credentials, timeoutNanoseconds: Int64? = nil
  ) async throws(RPCError) -> AuthenticateResponse {
    let answer = try await call(.authenticate, request.protobuf(), credentials, timeoutNanoseconds)
    return try AuthenticateResponse(protobuf: answer.span.bytes)
  }

  /// Has the server make a credential; gives its values by output key. Throws as ``getSecret(_:credentials:timeoutNanoseconds:noteStale:)``.
  public func generate(
    _ request: GenerateRequest, credentials: Credentials = Credentials(), timeoutNanoseconds: Int64? = nil
  ) async throws(RPCError) -> [String: SecretBytes] {
    var answer = try await call(.generate, try request.protobuf(), credentials, timeoutNanoseconds)
    let values = Result { () throws(RPCError) in try GenerateResponse.values(protobuf: answer.span.bytes) }
    answer.wipe()
    return try values.get()
  }

  /// As ``generate(_:credentials:timeoutNanoseconds:)``, which must not be carried out twice: the failure says how far
  /// the call came.
  public func attemptGenerate(
    _ request: GenerateRequest, credentials: Credentials = Credentials(), timeoutNanoseconds: Int64? = nil
  ) async throws(CallFailure) -> [String: SecretBytes] {
    try await attempt(.generate, { () throws(RPCError) in try request.protobuf() }, credentials, timeoutNanoseconds) {
      (answer) throws(RPCError) in try GenerateResponse.values(protobuf: answer)
    }
  }

  /// Takes back what a generator made for the caller's own workload.
  public func revokeSelf(
    _ request: RevokeSelfRequest, credentials: Credentials = Credentials(), timeoutNanoseconds: Int64? = nil
  ) async throws(RPCError) {
    _ = try await call(.revokeSelf, try request.protobuf(), credentials, timeoutNanoseconds)
  }

  /// Takes back all credentials of an owner in one namespace.
  public func revokeCredentials(
    _ request: RevokeCredentialsRequest, credentials: Credentials = Credentials(), timeoutNanoseconds: Int64? = nil
  ) async throws(RPCError) {
    _ = try await call(.revokeCredentials, try request.protobuf(), credentials, timeoutNanoseconds)
  }

  /// Resolves the data of an ExternalSecret; gives the values of its Secret by key. A generator in `dataFrom` issues a
  /// credential with each call. `noteStale` is told how many seconds past its time the oldest value is that was read.
  /// Throws as ``getSecret(_:credentials:timeoutNanoseconds:noteStale:)``.
  public func resolveExternalSecret(
    _ request: ResolveExternalSecretRequest, credentials: Credentials = Credentials(),
    timeoutNanoseconds: Int64? = nil, noteStale: (UInt32) -> Void = { _ in }
  ) async throws(RPCError) -> [String: SecretBytes] {
    do throws(CallFailure) {
      return try await attemptResolveExternalSecret(
        request, credentials: credentials, timeoutNanoseconds: timeoutNanoseconds, noteStale: noteStale)
    } catch {
      throw error.error
    }
  }

  /// As ``resolveExternalSecret(_:credentials:timeoutNanoseconds:noteStale:)``, where generators make it a call that must not be
  /// carried out twice: the failure says how far it came.
  public func attemptResolveExternalSecret(
    _ request: ResolveExternalSecretRequest, credentials: Credentials = Credentials(),
    timeoutNanoseconds: Int64? = nil, noteStale: (UInt32) -> Void = { _ in }
  ) async throws(CallFailure) -> [String: SecretBytes] {
    let method = FederationMethod.resolveExternalSecret
    return try await attempt(
      method, { () throws(RPCError) in try request.protobuf() }, credentials, timeoutNanoseconds
    ) { (answer) throws(RPCError) in try ResolveExternalSecretResponse.data(protobuf: answer, noteStale: noteStale) }
  }

  /// Watches secrets: their current values come first, then each change. Throws UNIMPLEMENTED for a wire without streams, and
  /// what is wrong with the request; whatever the server answers ends the watch.
  public func watchSecrets(
    _ request: WatchSecretsRequest, credentials: Credentials = Credentials(), timeoutNanoseconds: Int64? = nil
  ) throws(RPCError) -> WatchSecretsCall {
    guard let streaming = client as? any RPCStreaming else {
      throw RPCError(.unimplemented, "this wire has no streaming calls")
    }
    let stream = try streaming.openStream(
      service: FederationMethod.service, method: FederationMethod.watchSecrets.rawValue,
      first: try request.protobuf(), metadata: credentials.metadata, timeoutNanoseconds: timeoutNanoseconds)
    return WatchSecretsCall(stream, on: streaming)
  }

  /// Closes the connection.
  public func close() { client.close() }

  private func call(
    _ method: FederationMethod, _ payload: [UInt8], _ credentials: Credentials, _ timeoutNanoseconds: Int64?
  ) async throws(RPCError) -> [UInt8] {
    try await client.call(
      service: FederationMethod.service, method: method.rawValue, payload: payload, metadata: credentials.metadata,
      timeoutNanoseconds: timeoutNanoseconds)
  }

  private func attempt<Answer>(
    _ method: FederationMethod, _ request: () throws(RPCError) -> [UInt8], _ credentials: Credentials,
    _ timeoutNanoseconds: Int64?, _ decode: (RawSpan) throws(RPCError) -> Answer
  ) async throws(CallFailure) -> Answer {
    let payload: [UInt8]
    do throws(RPCError) {
      payload = try request()
    } catch {
      throw CallFailure(error, .unsent)
    }
    var answer = try await client.attempt(
      service: FederationMethod.service, method: method.rawValue, payload: payload, metadata: credentials.metadata,
      timeoutNanoseconds: timeoutNanoseconds)
    let decoded = Result { () throws(RPCError) in try decode(answer.span.bytes) }
    answer.wipe()
    return try decoded.mapError { CallFailure($0, .unanswered) }.get()
  }
}
