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

  func secrets(_ names: [SecretName], _ credentials: CallCredentials, deadline: MonotonicTime) async -> [WireOutcome] {
    var outcomes: [WireOutcome] = []
    for name in names {
      // A server that was not there a moment ago is not asked for each of the others.
      if case .unreachable = outcomes.last, let last = outcomes.last {
        outcomes.append(last)
      } else {
        outcomes.append(await secret(name, credentials, deadline: deadline))
      }
    }
    return outcomes
  }

  func authenticate(
    _ credentials: CallCredentials, deadline: MonotonicTime
  ) async throws(RPCError) -> AuthenticatedCaller {
    throw RPCError(.unimplemented, "Authenticate binds a connection, which HTTP cannot: use the rpc transport")
  }

  func close() async { closeClient() }

  private func secret(_ name: SecretName, _ credentials: CallCredentials, deadline: MonotonicTime) async -> WireOutcome {
    let left = Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
    guard left > 0 else { return .answered(.failure(timeout)) }
    let path = "/secretstore/\(PathSegment.encoded(name.store))/secrets/\(PathSegment.encoded(name.key))"
    var headers = [("Authorization", credentials.authorization), ("Content-Type", "application/json")]
    if let token = credentials.workloadToken { headers.append(("x-workload-token", token)) }
    let request = HTTPRequest(
      method: "POST", url: "\(server)\(path)", headers: headers.map { (name: $0.0, value: $0.1) },
      body: Self.body(credentials.caCertificates), caCertificates: server.usesTLS ? credentials.caCertificates : nil,
      timeoutSeconds: left, maximumBodyBytes: Self.maximumBody, allowsPlaintext: !server.usesTLS)
    do throws(HTTPClientError) {
      return .answered(HTTPAnswer.secret(try await client.send(request), from: server))
    } catch {
      return outcome(of: error)
    }
  }

  /// `{"ca.crt":"<base64 of PEM>"}`, or `{}` without a CA.
  static func body(_ caCertificates: [UInt8]?) -> [UInt8] {
    guard let caCertificates else { return Array("{}".utf8) }
    return Array("{\"ca.crt\":\"\(Data(caCertificates).base64EncodedString())\"}".utf8)
  }

  private var timeout: RPCError { RPCError(.deadlineExceeded, "\(server) did not answer in time") }

  private func outcome(of error: HTTPClientError) -> WireOutcome {
    switch error.kind {
    case .unreachable: .unreachable(RPCError(.unavailable, "cannot reach \(server): \(error.message)"))
    case .tls: .answered(.failure(RPCError(.unavailable, "no trusted TLS connection to \(server): \(error.message)")))
    case .timeout: .answered(.failure(timeout))
    case .tooLarge: .answered(.failure(RPCError(.resourceExhausted, "the answer of \(server) is too long")))
    case .invalidRequest: .answered(.failure(RPCError(.invalidArgument, error.message)))
    case .cancelled: .answered(.failure(RPCError(.cancelled, "the fetch was cancelled")))
    }
  }
}
