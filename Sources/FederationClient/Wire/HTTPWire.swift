import FederationAPI
import HTTPClient

/// The documented HTTP/JSON API.
///
/// Requests go one after the other, so that all use one kept-alive connection.
struct HTTPWire: FederationWire {
  /// The longest answer that is read: as long as a message of the RPC wire may be.
  static let maximumBody = 4 << 20

  let server: ServerAddress
  let client: any HTTPSending
  /// Called by ``close()``.
  let closeClient: @Sendable () -> Void

  init(server: ServerAddress, client: any HTTPSending, closeClient: @escaping @Sendable () -> Void = {}) {
    self.server = server
    self.client = client
    self.closeClient = closeClient
  }

  func secrets(
    _ names: [SecretName], _ credentials: CallCredentials, deadline: MonotonicTime,
    noteStale: @escaping StaleSecretNote = { _, _ in }
  ) async -> [Result<SecretBytes, RPCError>] {
    var results: [Result<SecretBytes, RPCError>] = []
    for name in names {
      do throws(RPCError) {
        results.append(
          .success(try await secret(name, credentials, deadline: deadline) { noteStale(name, $0) }))
      } catch {
        results.append(.failure(error))
        // A server that cannot be reached now, or wants to be asked later, is not asked for each of the others.
        guard !error.isWorthRepeating else { break }
      }
    }
    while results.count < names.count, let last = results.last { results.append(last) }
    return results
  }

  func authenticate(
    _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) -> AuthenticatedCaller {
    throw RPCError(.unimplemented, "Authenticate binds a connection, which HTTP cannot: use the rpc transport")
  }

  func watch(
    _ secrets: [SecretReference], after: UInt64, _ credentials: CallCredentials
  ) throws(RPCError) -> any WatchStream {
    throw RPCError(
      .unimplemented, "WatchSecrets is a stream, which the HTTP API has not: use the rpc or grpc transport")
  }

  func close() async { closeClient() }

  private func secret(
    _ name: SecretName, _ credentials: CallCredentials, deadline: MonotonicTime, noteStale: (UInt32) -> Void
  ) async throws(RPCError) -> SecretBytes {
    let request = try request(
      "POST", "/secretstore/\(PathSegment.encoded(name.store))/secrets/\(PathSegment.encoded(name.key))",
      body: WireBody.caOnly(credentials), credentials, deadline: deadline)
    let response = try await send(request)
    let value = try HTTPAnswer.secret(response, from: server)
    if let seconds = HTTPAnswer.staleSeconds(response) { noteStale(seconds) }
    return value
  }

  /// A request with its proof; throws DEADLINE_EXCEEDED when there is no time left for it.
  func request(
    _ method: String, _ path: String, body: [UInt8]?, _ credentials: CallCredentials, deadline: MonotonicTime,
    isSentOnce: Bool = false
  ) throws(RPCError) -> HTTPRequest {
    let left = Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
    guard left > 0 else { throw timeout }
    var headers = [("Content-Type", "application/json")]
    if let token = credentials.token { headers.insert(("Authorization", "Bearer \(token)"), at: 0) }
    if let token = credentials.workloadToken { headers.append(("x-workload-token", token)) }
    return HTTPRequest(
      method: method, url: "\(server)\(path)", headers: headers.map { (name: $0.0, value: $0.1) }, body: body,
      caCertificates: server.usesTLS ? credentials.serverCertificates : nil,
      clientCertificate: server.usesTLS ? try credentials.clientCertificate : nil, timeoutSeconds: left,
      maximumBodyBytes: Self.maximumBody, allowsPlaintext: !server.usesTLS, isSentOnce: isSentOnce)
  }

  func send(_ request: HTTPRequest) async throws(RPCError) -> HTTPResponse {
    do throws(HTTPClientError) {
      return try await client.send(request)
    } catch {
      throw rpcError(error)
    }
  }

  private var timeout: RPCError { RPCError(.deadlineExceeded, "\(server) did not answer in time") }

  func rpcError(_ error: HTTPClientError) -> RPCError {
    guard !error.isClientRefused else {
      return RPCError(
        .unauthenticated, "\(error.message); nothing was carried out", credentialProblem: .certificateRefused)
    }
    return switch error.kind {
    case .unreachable: RPCError(.unavailable, "cannot reach \(server): \(error.message)")
    case .tls: RPCError(.unavailable, "no trusted TLS connection to \(server): \(error.message)")
    case .timeout: timeout
    case .tooLarge: RPCError(.resourceExhausted, "the answer of \(server) is too long")
    case .invalidRequest: RPCError(.invalidArgument, error.message)
    case .cancelled: RPCError(.cancelled, "the fetch was cancelled")
    }
  }
}
