import HTTP1
import JSON
import Synchronization

/// Answers an issuer's requests by what the test has set.
final class IssuerDesk: Sendable {
  struct State {
    var issuer = ""
    var keysURL = ""
    var signingKey: TestSigningKey
    var keySet: JSONValue
    var access: OIDCIssuer.Access
    var behaviours: [OIDCIssuer.Endpoint: OIDCIssuer.Behaviour] = [:]
    var requests: [OIDCIssuer.Request] = []
    var isHolding = false
    var held: [CheckedContinuation<Void, Never>] = []
    var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  let state: Mutex<State>

  init(key: TestSigningKey, keySet: JSONValue, access: OIDCIssuer.Access) {
    state = Mutex(State(signingKey: key, keySet: keySet, access: access))
  }

  func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
    let authorization = request.head.fields["authorization"]
    let arrived = state.withLock { state in
      state.requests.append(OIDCIssuer.Request(target: request.head.target, authorization: authorization))
      let count = state.requests.count
      defer { state.arrivals.removeAll { $0.count <= count } }
      return state.arrivals.filter { $0.count <= count }.map(\.continuation)
    }
    for continuation in arrived { continuation.resume() }
    await passGate()
    guard request.head.method == "GET" else { return Self.status(405) }
    guard let endpoint = OIDCIssuer.Endpoint.allCases.first(where: { $0.path == request.head.path }) else {
      return Self.status(404)
    }
    return state.withLock { Self.response(to: endpoint, authorization: authorization, $0) }
  }

  func release() {
    let held = state.withLock { state in
      state.isHolding = false
      defer { state.held = [] }
      return state.held
    }
    for continuation in held { continuation.resume() }
  }

  func waitForRequests(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.requests.count < count { state.arrivals.append((count, continuation)) }
        return state.requests.count >= count
      }
      if isThere { continuation.resume() }
    }
  }

  private func passGate() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if state.isHolding { state.held.append(continuation) }
        return !state.isHolding
      }
      if isOpen { continuation.resume() }
    }
  }

  private static func response(
    to endpoint: OIDCIssuer.Endpoint, authorization: String?, _ state: State
  ) -> HTTPServerResponse {
    let hasBearer = authorization.map { $0.hasPrefix("Bearer ") && $0.utf8.count > 7 } ?? false
    switch state.access {
    case .bearer where !hasBearer: return status(401)
    case .bearerOrForbidden where !hasBearer: return status(403)
    case .anonymous, .bearer, .bearerOrForbidden: break
    }
    let document = document(endpoint, state).encoded()
    switch state.behaviours[endpoint] ?? .normal {
    case .normal: return found(endpoint, document)
    case .status(let code): return status(code)
    case .redirect(let url): return HTTPServerResponse(status: 302, fields: [.init("Location", url)])
    case .body(let text): return found(endpoint, Array(text.utf8))
    case .padded(let count):
      let padding = [UInt8](repeating: UInt8(ascii: " "), count: max(0, count - document.count))
      return found(endpoint, document + padding)
    }
  }

  private static func document(_ endpoint: OIDCIssuer.Endpoint, _ state: State) -> JSONValue {
    switch endpoint {
    case .keys: return state.keySet
    case .discovery:
      return [
        "issuer": .string(state.issuer), "jwks_uri": .string(state.keysURL),
        "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [.string(state.signingKey.algorithm.rawValue)],
      ]
    }
  }

  private static func found(_ endpoint: OIDCIssuer.Endpoint, _ body: [UInt8]) -> HTTPServerResponse {
    let type = endpoint == .keys ? "application/jwk-set+json" : "application/json"
    return HTTPServerResponse(status: 200, fields: [.init("Content-Type", type)], body: .plain(body))
  }

  private static func status(_ code: Int) -> HTTPServerResponse {
    let body: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": .number(Double(code)),
    ]
    return HTTPServerResponse(
      status: code, fields: [.init("Content-Type", "application/json")], body: .plain(body.encoded()))
  }
}
