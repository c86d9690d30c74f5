import Crypto
import FederationAPI
import Foundation
import HTTP1
import JSON
import Synchronization

/// Answers an authorization server's requests by what the test has set.
final class AuthorizationDesk: Sendable {
  struct State {
    var endpoints = AuthorizationEndpoints(provider: .okta(serverID: ""), url: "")
    var signingKey: TestSigningKey
    var clients: [String: PublicKey] = [:]
    var applications: [String: JSONValue] = [:]
    var managementStatus: Int?
    var managementToken = "management-token"
    var workerSecret = "worker-secret"
    var workerToken = "worker-token"
    var seenAssertions: Set<String> = []
    var requests: [AuthorizationServer.Request] = []
    var scopes: [String?] = []
    var lifetimeSeconds: Int64 = 3_600
    var issued = 0
    var tokens: [String] = []
    var discoveryIssuer: String?

    /// The claims of a good token for the client `subject`.
    func claims(_ subject: String) -> [JSONName: JSONValue] {
      let now = WallClock.nowSeconds
      var claims: [JSONName: JSONValue] = [
        "iss": .string(endpoints.issuer), "aud": "ese-federation", "iat": .number(Double(now)),
        "exp": .number(Double(now + lifetimeSeconds)), "jti": .string("token-\(issued)"),
      ]
      switch endpoints.provider {
      case .okta:
        claims["sub"] = .string(subject)
        claims["cid"] = .string(subject)
      // PingOne's tokens for applications have no `sub`.
      case .pingIdentity: claims["client_id"] = .string(subject)
      }
      return claims
    }
  }

  let state: Mutex<State>

  init(key: TestSigningKey) { state = Mutex(State(signingKey: key)) }

  func answer(_ request: HTTPServerRequest) -> HTTPServerResponse {
    let path = String(request.head.path)
    let authorization = request.head.fields["authorization"]
    return state.withLock { state in
      state.requests.append(
        AuthorizationServer.Request(method: request.head.method, path: path, authorization: authorization))
      let endpoints = state.endpoints
      switch (request.head.method, endpoints.url + path) {
      case ("GET", endpoints.issuer + "/.well-known/openid-configuration"): return discovery(state)
      case ("GET", endpoints.keys): return Self.json(200, TestSigningKey.keySet([state.signingKey]))
      case ("POST", endpoints.token): return issue(request, &state)
      case ("GET", let url) where url.contains("/api/v1/apps/") || url.contains("/v1/environments/"):
        return application(path, authorization, state)
      default: return HTTPServerResponse(status: 404)
      }
    }
  }

  private func discovery(_ state: State) -> HTTPServerResponse {
    Self.json(
      200,
      [
        "issuer": .string(state.discoveryIssuer ?? state.endpoints.issuer), "jwks_uri": .string(state.endpoints.keys),
        "token_endpoint": .string(state.endpoints.token),
      ])
  }

  private func application(_ path: String, _ authorization: String?, _ state: State) -> HTTPServerResponse {
    if let status = state.managementStatus { return Self.json(status, ["errorCode": "E0000000"]) }
    switch state.endpoints.provider {
    case .okta: guard authorization == "SSWS \(state.managementToken)" else { return Self.json(401, [:]) }
    case .pingIdentity:
      guard authorization == "Bearer \(state.workerToken)" else { return Self.json(401, [:]) }
    }
    guard let document = state.applications[String(path.split(separator: "/").last ?? "")] else {
      return Self.json(404, ["errorCode": "E0000007"])
    }
    return Self.json(200, document)
  }

  private func issue(_ request: HTTPServerRequest, _ state: inout State) -> HTTPServerResponse {
    let form = Self.form(request.body)
    guard form["grant_type"] == "client_credentials" else {
      return Self.json(400, ["error": "unsupported_grant_type"])
    }
    // The worker application of the management API proves itself with HTTP Basic (RFC 6749 section 2.3.1).
    let worker = Data("worker:\(state.workerSecret)".utf8).base64EncodedString()
    if request.head.fields["authorization"] == "Basic \(worker)" {
      return Self.json(
        200, ["access_token": .string(state.workerToken), "token_type": "Bearer", "expires_in": 3600])
    }
    guard let clientID = form["client_id"], let assertion = form["client_assertion"],
      form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      let key = state.clients[clientID],
      let fault = assertionFault(assertion, clientID, key, &state)
    else { return Self.json(401, ["error": "invalid_client"]) }
    guard fault.isEmpty else {
      return Self.json(401, ["error": "invalid_client", "error_description": .string(fault)])
    }
    state.issued += 1
    state.scopes.append(form["scope"])
    guard let token = try? state.signingKey.token(JSONValue.object(state.claims(clientID))) else {
      return Self.json(500, [:])
    }
    state.tokens.append(token)
    return Self.json(
      200,
      [
        "access_token": .string(token), "token_type": "Bearer", "expires_in": .number(Double(state.lifetimeSeconds)),
      ])
  }

  /// What is wrong with the assertion (RFC 7523 section 3), empty when nothing is; nil when it is no JWT at all.
  private func assertionFault(
    _ assertion: String, _ clientID: String, _ key: PublicKey, _ state: inout State
  ) -> String? {
    let parts = assertion.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let signature = Base64URL.decode(parts[2]),
      let header = Base64URL.decode(parts[0]).flatMap({ try? JSONValue.parse($0) }),
      let claims = Base64URL.decode(parts[1]).flatMap({ try? JSONValue.parse($0) })
    else { return nil }
    let signed = Array("\(parts[0]).\(parts[1])".utf8)
    guard let algorithm = header["alg"]?.string.flatMap(SignatureAlgorithm.init(named:)),
      key.verify(signature: signature, of: signed, algorithm: algorithm)
    else { return "the signature is wrong" }
    guard claims["iss"]?.string == clientID, claims["sub"]?.string == clientID else { return "iss or sub is wrong" }
    guard claims["aud"]?.string == state.endpoints.token else { return "aud is wrong" }
    let now = Double(WallClock.nowSeconds)
    guard let expiry = claims["exp"]?.number, expiry > now, expiry <= now + 3_600 else { return "exp is wrong" }
    guard let issuedAt = claims["iat"]?.number, abs(issuedAt - now) < 60 else { return "iat is wrong" }
    guard let identifier = claims["jti"]?.string, identifier.utf8.count >= 16,
      state.seenAssertions.insert(identifier).inserted
    else { return "jti is missing or was used before" }
    return ""
  }

  private static func form(_ body: [UInt8]) -> [String: String] {
    var form: [String: String] = [:]
    for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(decoded)
      if parts.count == 2 { form[parts[0]] = parts[1] }
    }
    return form
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func json(_ status: Int, _ document: JSONValue) -> HTTPServerResponse {
    HTTPServerResponse(
      status: status, fields: [.init("Content-Type", "application/json")], body: .plain(document.encoded()))
  }
}
