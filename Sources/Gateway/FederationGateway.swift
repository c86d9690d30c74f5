import FederationAPI
import HTTP1
import Logging

/// The documented HTTP/JSON API: turns requests into service calls and results into the documented bodies.
///
/// Order of checks as in docs/PROTOCOL.md: the route is looked up, then the caller is authenticated, and only then
/// is an unknown route or a wrong method told.
public struct FederationGateway: HTTPResponder {
  private let service: any FederationService
  /// The peer's own identity, on a connection that has proved one.
  public private(set) var identity: ConnectionIdentity?
  private let log: Log
  private let caCertificates = CACertificatesReader()
  private let failureLines = LogLimit(linesPerSecond: 100)

  /// Serves `service`.
  public init(service: any FederationService, log: Log) {
    self.service = service
    self.log = log
  }

  /// The same gateway for one connection, whose peer has proved to be `identity`.
  public func serving(_ identity: ConnectionIdentity?) -> FederationGateway {
    var gateway = self
    gateway.identity = identity
    return gateway
  }

  /// Answers a whole request.
  public func respond(to request: HTTPServerRequest, peer: String) -> HTTPReply {
    var unrouted = self.answer(peer)
    let route: Route
    let call: CallContext
    switch admit(request.head, peer: peer, deadline: request.deadline) {
    case .success(let admitted): (route, call) = admitted
    case .failure(let error): return .ready(unrouted.failure(error))
    }
    unrouted.method = route.method
    let answer = unrouted
    let certificates: [UInt8]
    switch caCertificates.read(request.body) {
    case .success(let pem): certificates = pem
    case .failure(let error):
      return .ready(answer.failure(error, because: error.code == .unauthenticated ? Self.badBody : nil))
    }

    switch route {
    case .getSecret(let store, let name):
      let secret = GetSecretRequest(store: store, name: name, caCertificates: certificates)
      return reply(service.getSecret(secret, call), answer) {
        answer.secret($0, staleSeconds: call.freshness?.staleSeconds)
      }
    case .generate(let generator):
      let asked = GenerateRequest(generator: generator, caCertificates: certificates)
      return reply(service.generate(asked, call), answer) { answer.values($0) }
    case .revokeSelf(let generator):
      let asked = RevokeSelfRequest(generator: generator, caCertificates: certificates)
      return reply(service.revokeSelf(asked, call), answer) { _ in answer.nothing() }
    case .revokeCredentials(let namespace):
      return reply(revoke(in: namespace, request, certificates, call), answer) { _ in
        answer.text("GeneratorState deleted")
      }
    case .resolveExternalSecret(let store):
      return reply(resolve(store, request.body, certificates, call), answer) {
        answer.secretData($0, staleSeconds: call.freshness?.staleSeconds)
      }
    case .methodNotAllowed(let allow):
      return reply(service.verify(call, caCertificates: certificates), answer) { _ in
        answer.routerFailure(405, "Method Not Allowed", allow: allow)
      }
    case .unknown:
      return reply(service.verify(call, caCertificates: certificates), answer) { _ in
        answer.routerFailure(404, "Not Found")
      }
    }
  }

  private func revoke(
    in namespace: String, _ request: HTTPServerRequest, _ certificates: [UInt8], _ call: CallContext
  ) -> Reply<Void> {
    do throws(RPCError) {
      let body = try RevokeBody(request)
      try body.check(namespace: namespace)
      return service.revokeCredentials(
        RevokeCredentialsRequest(namespace: namespace, owner: body.owner, caCertificates: certificates), call)
    } catch {
      // What is wrong with the body is told to those who may call at all.
      return service.verify(call, caCertificates: certificates).then { _ in .ready(.failure(error)) }
    }
  }

  private func resolve(
    _ store: String, _ body: [UInt8], _ certificates: [UInt8], _ call: CallContext
  ) -> Reply<[String: SecretBytes]> {
    do throws(RPCError) {
      let body = try ExternalSecretBody(body)
      return service.resolveExternalSecret(
        ResolveExternalSecretRequest(
          store: store, data: body.data, dataFrom: body.dataFrom, caCertificates: certificates), call)
    } catch {
      return service.verify(call, caCertificates: certificates).then { _ in .ready(.failure(error)) }
    }
  }

  /// Stands for this gateway: the service itself is whose answers over RPC are.
  public var owner: AnyObject? { caCertificates }

  /// What the service answers from memory.
  public func makeImmediateResponder() -> (any ImmediateResponder)? {
    service.makeImmediateAnswers().map { GatewayMemory(answers: $0, reader: caCertificates) }
  }

  /// A refusal as a bare JSON string, like every other failure.
  public func answer(to refusal: HTTPRefusal, peer: String) -> HTTPServerResponse {
    answer(peer).failure(refusal.status, refusal.message, refusal.code)
  }

  /// What the path and the method name.
  public func method(of head: HTTPRequestHead) -> CallMethod? {
    (try? Route(method: head.method, path: head.path))?.method ?? .other
  }

  /// A body is not asked for when the head alone earns a 400.
  public func answerBeforeBody(of head: HTTPRequestHead, peer: String) -> HTTPServerResponse? {
    guard case .failure(let error) = admit(head, peer: peer, deadline: nil) else { return nil }
    return answer(peer).failure(error)
  }

  /// What must be plain before anyone is asked anything: the path, and which credentials are meant.
  private func admit(
    _ head: HTTPRequestHead, peer: String, deadline: MonotonicTime?
  ) -> Result<(Route, CallContext), RPCError> {
    let authorizations = head.fields.values(of: "authorization")
    let workloadTokens = head.fields.values(of: "x-workload-token")
    guard authorizations.count <= 1 else {
      return .failure(RPCError(.invalidArgument, "bad request: more than one Authorization header"))
    }
    guard workloadTokens.count <= 1 else {
      return .failure(RPCError(.invalidArgument, "bad request: more than one x-workload-token header"))
    }
    // Nobody else is bound: behind a proxy one connection carries many callers.
    let call = CallContext(
      authorization: authorizations.first, workloadToken: workloadTokens.first, peer: peer, deadline: deadline,
      binding: identity, freshness: ReadFreshness(asksBackend: asksBackend(head), deadline: deadline))
    do {
      return .success((try Route(method: head.method, path: head.path), call))
    } catch {
      return .failure(RPCError(.invalidArgument, "bad request: \(error.reason)"))
    }
  }

  /// Whether `Cache-Control` says `no-cache` (RFC 9111 section 5.2.1.4).
  private func asksBackend(_ head: HTTPRequestHead) -> Bool {
    head.fields.values(of: "cache-control").contains { value in
      value.utf8.count <= 256
        && value.split(separator: ",").contains { $0.lowercased().filter { $0 != " " } == "no-cache" }
    }
  }

  /// For the log: the caller is told no more than Unauthorized.
  private static let badBody = "the body is not {\"ca.crt\":\"<base64 of PEM>\"}"

  private func answer(_ peer: String) -> GatewayAnswer { GatewayAnswer(peer: peer, log: log, limit: failureLines) }

  private func reply<Value: Sendable>(
    _ result: Reply<Value>, _ answer: GatewayAnswer, _ success: @escaping @Sendable (Value) -> HTTPServerResponse
  ) -> HTTPReply {
    @Sendable func response(_ result: Result<Value, RPCError>) -> HTTPServerResponse {
      switch result {
      case .success(let value): success(value)
      case .failure(let error): answer.failure(error)
      }
    }
    switch result {
    case .ready(let result): return .ready(response(result))
    case .pending(let work): return .pending { response(await work()) }
    }
  }
}
