import FederationAPI

/// Fetches secrets from a federation server, and has its generators make credentials.
///
/// ```swift
/// let server = try ServerAddress(parsing: "https://federation.example:8443")
/// let client = try FederationClient(configuration: FederationClientConfiguration(server: server))
/// let password = try await client.secret(store: "vault", name: "db-password")
/// await client.close()
/// ```
///
/// A client keeps its connection from one fetch to the next and may be used by many tasks at once. Tokens and the CA
/// file are read anew for every fetch. A fetch only reads, so what ended with UNAVAILABLE is tried again, a few times and
/// within the configured time, and what the server wants to be asked later is asked then; every other answer is final. ``generate(_:)`` issues something, and has a rule of its own.
public final class FederationClient: Sendable {
  private let configuration: FederationClientConfiguration
  private let connector: any WireConnecting

  /// The server's URL, as ``ServerAddress`` prints it.
  public var serverURL: String { configuration.server.description }

  /// Makes a client; nothing is sent before the first fetch.
  ///
  /// Throws INVALID_ARGUMENT for RPC and gRPC to a plain `http://` server.
  public convenience init(configuration: FederationClientConfiguration) throws(RPCError) {
    self.init(configuration: configuration, connector: try WireConnector(configuration))
  }

  init(configuration: FederationClientConfiguration, connector: any WireConnecting) {
    self.configuration = configuration
    self.connector = connector
  }

  /// Fetches the whole value of the key `name` in `store`.
  ///
  /// Throws UNAUTHENTICATED when the server does not accept the token, PERMISSION_DENIED when no Authorization
  /// grants the store, NOT_FOUND (over HTTP: INVALID_ARGUMENT) when the store has no such key, UNAVAILABLE when the
  /// server cannot be reached, DEADLINE_EXCEEDED when the configured time has passed and FAILED_PRECONDITION when
  /// the token or CA file cannot be used.
  public func secret(store: String, name: String) async throws(RPCError) -> SecretBytes {
    guard let result = await secrets([SecretName(store: store, key: name)]).first else {
      throw RPCError(.internal, "the fetch gave no result")
    }
    return try result.get()
  }

  /// Fetches several secrets on one connection, over RPC in one call where the server knows BatchGetSecrets. Each has its
  /// own result, in the order of `names`; the errors are those of ``secret(store:name:)``. `timeoutSeconds` stands for the
  /// configured time. `noteStale` is told of each value that is past its time because its backend errs.
  public func secrets(
    _ names: [SecretName], timeoutSeconds: Double? = nil, noteStale: @escaping StaleSecretNote = { _, _ in }
  ) async -> [Result<SecretBytes, RPCError>] {
    let unsent = RPCError(.unavailable, "nothing was sent")
    var results = [Result<SecretBytes, RPCError>](repeating: .failure(unsent), count: names.count)
    var retry = retrySchedule(timeoutSeconds: timeoutSeconds)
    var pending = Array(names.indices)
    while !pending.isEmpty {
      let fresh = await fetch(pending.map { names[$0] }, deadline: retry.deadline, noteStale)
      for (index, result) in zip(pending, fresh) { results[index] = result }
      pending = pending.filter { results[$0].isWorthRepeating }
      let failures = pending.compactMap { results[$0].failure }
      if failures.contains(where: { $0.code == .unavailable }) { await connector.forgetConnection() }
      let advice = failures.compactMap(\.retryAfterSeconds).max()
      guard !pending.isEmpty, await retry.wait(advice: advice) else { break }
    }
    return results
  }

  /// Has the server verify the token and bind the identity to this client's connection until the token expires.
  /// Only the RPC wire can; over HTTP this throws UNIMPLEMENTED.
  public func authenticate() async throws(RPCError) -> AuthenticatedCaller {
    try await repeating { (wire, credentials, deadline) throws(RPCError) in
      try await wire.authenticate(credentials, deadline: deadline)
    }
  }

  /// Closes the connection. A later fetch opens a new one.
  public func close() async { await connector.close() }

  private func fetch(
    _ names: [SecretName], deadline: MonotonicTime, _ noteStale: @escaping StaleSecretNote
  ) async -> [Result<SecretBytes, RPCError>] {
    do throws(RPCError) {
      let (wire, credentials) = try await ready(deadline: deadline)
      let results = await wire.secrets(names, credentials, deadline: deadline, noteStale: noteStale)
      // A token is good or bad for all names alike.
      guard results.contains(where: \.isUnauthenticated), await forgetToken(of: credentials) else { return results }
      let (sameWire, fresh) = try await ready(deadline: deadline)
      return await sameWire.secrets(names, fresh, deadline: deadline, noteStale: noteStale)
    } catch {
      return [Result<SecretBytes, RPCError>](repeating: .failure(error), count: names.count)
    }
  }

  func retrySchedule(timeoutSeconds: Double? = nil) -> RetrySchedule {
    RetrySchedule(
      attempts: configuration.maximumAttempts, timeoutSeconds: timeoutSeconds ?? configuration.timeoutSeconds)
  }

  /// Fresh credentials, and the wire that they go on. What is thrown here was thrown before the call was sent.
  func ready(deadline: MonotonicTime) async throws(RPCError) -> (any FederationWire, CallCredentials) {
    let credentials = try await credentials()
    return (try await connector.wire(for: credentials, deadline: deadline), credentials)
  }

  /// Fresh credentials.
  func credentials() async throws(RPCError) -> CallCredentials { try await CallCredentials(configuration) }

  /// Has the source let go of `token`, which the server did not accept.
  func forgetToken(_ token: String) async { _ = await configuration.token.forget(token) }

  /// Whether another token may be had in place of that of `credentials`, which the server did not accept.
  func forgetToken(of credentials: CallCredentials) async -> Bool {
    guard let token = credentials.token else { return false }
    return await configuration.token.forget(token)
  }

  func forgetConnection() async { await connector.forgetConnection() }

  /// Makes a call that may be carried out twice: again, while it ends with UNAVAILABLE or the server asks to wait.
  func repeating<Answer>(
    _ call: (any FederationWire, CallCredentials, MonotonicTime) async throws(RPCError) -> Answer
  ) async throws(RPCError) -> Answer {
    var retry = retrySchedule()
    var mayRenew = true
    while true {
      do throws(RPCError) {
        let (wire, credentials) = try await ready(deadline: retry.deadline)
        do throws(RPCError) {
          return try await call(wire, credentials, retry.deadline)
        } catch {
          guard error.code == .unauthenticated, mayRenew, await forgetToken(of: credentials) else { throw error }
          mayRenew = false
        }
      } catch {
        guard error.isWorthRepeating else { throw error }
        if error.code == .unavailable { await connector.forgetConnection() }
        guard await retry.wait(advice: error.retryAfterSeconds) else { throw error }
      }
    }
  }
}

extension RPCError {
  /// Whether the same call may end otherwise in a while: nobody was reached, or the server said so.
  var isWorthRepeating: Bool { code == .unavailable || retryAfterSeconds != nil }
}

extension Result where Success == SecretBytes, Failure == RPCError {
  fileprivate var failure: RPCError? {
    if case .failure(let error) = self { error } else { nil }
  }

  fileprivate var isWorthRepeating: Bool { failure?.isWorthRepeating ?? false }

  fileprivate var isUnauthenticated: Bool {
    if case .failure(let error) = self { error.code == .unauthenticated } else { false }
  }
}
