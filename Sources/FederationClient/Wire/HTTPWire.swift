import FederationAPI
import FoundationEssentials
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
    _ names: [SecretName], _ credentials: CallCredentials, deadline: MonotonicTime
  ) async -> [Result<SecretBytes, RPCError>] {
    var results: [Result<SecretBytes, RPCError>] = []
    for name in names {
      do throws(RPCError) {
        results.append(.success(try await secret(name, credentials, deadline: deadline)))
      } catch {
        results.append(.failure(error))
        // A server that cannot be reached now is not asked for each of the others.
        guard error.code != .unavailable else { break }
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

  func close() async { closeClient() }

  private func secret(
    _ name: SecretName, _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) -> SecretBytes {
    let left = Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
    guard left > 0 else { throw timeout }
    let path = "/secretstore/\(PathSegment.encoded(name.store))/secrets/\(PathSegment.encoded(name.key))"
    var headers = [("Authorization", "Bearer \(credentials.token)"), ("Content-Type", "application/json")]
    if let token = credentials.workloadToken { headers.append(("x-workload-token", token)) }
    let request = HTTPRequest(
      method: "POST", url: "\(server)\(path)", headers: headers.map { (name: $0.0, value: $0.1) },
      body: Self.body(credentials.caCertificates), caCertificates: server.usesTLS ? credentials.caCertificates : nil,
      timeoutSeconds: left, maximumBodyBytes: Self.maximumBody, allowsPlaintext: !server.usesTLS)
    let response: HTTPResponse
    do throws(HTTPClientError) {
      response = try await client.send(request)
    } catch {
      throw rpcError(error)
    }
    return try HTTPAnswer.secret(response, from: server)
  }

  /// `{"ca.crt":"<base64 of PEM>"}`, or `{}` without a CA.
  static func body(_ caCertificates: [UInt8]?) -> [UInt8] {
    guard let caCertificates else { return Array("{}".utf8) }
    return Array("{\"ca.crt\":\"\(Data(caCertificates).base64EncodedString())\"}".utf8)
  }

  private var timeout: RPCError { RPCError(.deadlineExceeded, "\(server) did not answer in time") }

  private func rpcError(_ error: HTTPClientError) -> RPCError {
    switch error.kind {
    case .unreachable: RPCError(.unavailable, "cannot reach \(server): \(error.message)")
    case .tls: RPCError(.unavailable, "no trusted TLS connection to \(server): \(error.message)")
    case .timeout: timeout
    case .tooLarge: RPCError(.resourceExhausted, "the answer of \(server) is too long")
    case .invalidRequest: RPCError(.invalidArgument, error.message)
    case .cancelled: RPCError(.cancelled, "the fetch was cancelled")
    }
  }
}
