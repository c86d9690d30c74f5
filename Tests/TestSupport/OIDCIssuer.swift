import HTTP1
import JSON
import Logging
import Synchronization
import Transport

/// An issuer that publishes keys over real HTTPS, as an API server does: discovery, and the key set it names.
public final class OIDCIssuer: Sendable {
  /// What it was asked: path with query, and the `Authorization` that came with it.
  public struct Request: Sendable, Equatable {
    /// For example `/openid/v1/jwks`.
    public var target: String
    /// The field's value, nil when it did not come.
    public var authorization: String?
  }

  /// `https://127.0.0.1:PORT`, without a slash at the end.
  public let url: String
  private let responder: IssuerResponder
  private let group: EventLoopGroup

  private init(url: String, responder: IssuerResponder, group: EventLoopGroup) {
    self.url = url
    self.responder = responder
    self.group = group
  }

  /// Starts serving on a free loopback port. `issuer` is what discovery names, the URL itself unless given.
  /// With `requiresToken`, requests without a bearer token are answered 401.
  public static func start(
    certificate: TestCertificateAuthority.ServerCertificate, issuer: String? = nil, keySet: JSONValue,
    requiresToken: Bool = false
  ) throws -> OIDCIssuer {
    let log = Log(level: .error)
    let tls = try ServerTLS(
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, minimumVersion: .v12,
      alpn: ["http/1.1"])
    let group = try EventLoopGroup(loops: 1, log: log)
    let responder = IssuerResponder(keySet: keySet, requiresToken: requiresToken)
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: tls) { _ in
      HTTP1ServerConnection(responder: responder, log: log)
    }
    let url = "https://127.0.0.1:\(address.port)"
    responder.publish(issuer: issuer ?? url, url: url)
    return OIDCIssuer(url: url, responder: responder, group: group)
  }

  /// Publishes other keys from now on.
  public func publish(_ keySet: JSONValue) { responder.publish(keySet) }

  /// All that it was asked so far.
  public var requests: [Request] { responder.requests }

  /// Stops listening; later requests are refused as by a host that is down.
  public func stop() async { await group.shutDown(graceSeconds: 0) }
}

private final class IssuerResponder: HTTPResponder {
  private struct State {
    var discovery: JSONValue = .null
    var keySet: JSONValue
    var requests: [OIDCIssuer.Request] = []
  }
  private static let keySetPath = "/openid/v1/jwks"
  private let requiresToken: Bool
  private let state: Mutex<State>

  init(keySet: JSONValue, requiresToken: Bool) {
    self.requiresToken = requiresToken
    state = Mutex(State(keySet: keySet))
  }

  func publish(_ keySet: JSONValue) { state.withLock { $0.keySet = keySet } }

  func publish(issuer: String, url: String) {
    let discovery: JSONValue = [
      "issuer": .string(issuer), "jwks_uri": .string(url + Self.keySetPath), "response_types_supported": ["id_token"],
      "subject_types_supported": ["public"],
    ]
    state.withLock { $0.discovery = discovery }
  }

  var requests: [OIDCIssuer.Request] { state.withLock { $0.requests } }

  func respond(to request: HTTPServerRequest, peer: String) -> HTTPReply {
    let authorization = request.head.fields["authorization"]
    let asked = OIDCIssuer.Request(target: request.head.target, authorization: authorization)
    let (discovery, keySet) = state.withLock { state in
      state.requests.append(asked)
      return (state.discovery, state.keySet)
    }
    guard request.head.method == "GET" else { return answer(405, ["message": "Method Not Allowed"]) }
    if requiresToken, authorization?.hasPrefix("Bearer ") != true { return answer(401, ["message": "Unauthorized"]) }
    switch request.head.path {
    case "/.well-known/openid-configuration": return answer(200, discovery)
    case Self.keySetPath[...]: return answer(200, keySet)
    default: return answer(404, ["message": "Not Found"])
    }
  }

  private func answer(_ status: Int, _ body: JSONValue) -> HTTPReply {
    .ready(
      HTTPServerResponse(
        status: status, fields: [.init("Content-Type", "application/json")], body: .plain(body.encoded())))
  }
}
