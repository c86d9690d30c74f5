import Crypto
import FederationAPI
import HTTPClient
import JSON
import Logging
import Synchronization

/// Asks a token endpoint for an access token (RFC 6749 section 4.4).
final class ClientCredentialsGrant: Sendable {
  private static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
  private static let timeoutSeconds = 10.0
  /// For an answer without `expires_in`.
  private static let defaultLifetimeSeconds = 60.0

  private let credentials: ClientCredentials
  private let client = Mutex<HTTPClient?>(nil)

  init(_ credentials: ClientCredentials) { self.credentials = credentials }

  func token() async -> Result<AccessToken, RPCError> {
    do throws(RPCError) {
      let (key, authorities) = try files()
      let endpoint = try await endpoint(authorities)
      let assertion = try ClientAssertion.make(
        clientID: credentials.clientID, audience: endpoint, key: key, keyID: credentials.keyID,
        now: WallClock.nowSeconds)
      return .success(try await ask(endpoint, assertion, authorities))
    } catch {
      return .failure(error)
    }
  }

  /// The private key, and the CA certificates that verify the provider.
  private func files() throws(RPCError) -> (PrivateKey, [UInt8]?) {
    do throws(RPCError) {
      let key = try ClientAssertion.privateKey(credentials.privateKeyFile)
      guard let path = credentials.caFile else { return (key, nil) }
      let authorities = try BoundedFile.read(path, limit: Limits.caCertificates, purpose: "CA file")
      guard let authorities else { throw RPCError(.failedPrecondition, "there is no CA file \(path)") }
      return (key, authorities)
    } catch {
      throw error.about(.fileUnusable)
    }
  }

  private func endpoint(_ authorities: [UInt8]?) async throws(RPCError) -> String {
    switch credentials.provider {
    case .okta(let domain, let server):
      return server.isEmpty ? "\(domain)/oauth2/v1/token" : "\(domain)/oauth2/\(server)/v1/token"
    case .pingIdentity(let issuer):
      let request = HTTPRequest(
        url: "\(issuer)/.well-known/openid-configuration", headers: [("Accept", "application/json")],
        caCertificates: authorities, timeoutSeconds: Self.timeoutSeconds)
      let response = try await send(request, or: "failed to fetch discovery document")
      return try DiscoveryDocument.tokenEndpoint(in: response, of: issuer)
    }
  }

  private func ask(
    _ endpoint: String, _ assertion: String, _ authorities: [UInt8]?
  ) async throws(RPCError) -> AccessToken {
    var form = [
      ("grant_type", "client_credentials"), ("client_id", credentials.clientID),
      ("client_assertion_type", Self.assertionType), ("client_assertion", assertion),
    ]
    if !credentials.scopes.isEmpty { form.append(("scope", credentials.scopes)) }
    let request = HTTPRequest(
      method: "POST", url: endpoint,
      headers: [("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")],
      body: Self.encoded(form), caCertificates: authorities, timeoutSeconds: Self.timeoutSeconds)
    let response = try await send(request, or: "failed to reach the token endpoint")
    let answer = try? JSONValue.parse(response.body)
    guard response.status == 200 else { throw Self.refusal(response.status, answer) }
    guard let token = answer?["access_token"]?.string, !token.isEmpty, token.utf8.count <= Limits.token,
      token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
      let what =
        switch (answer, answer?["access_token"]) {
        case (nil, _): "no JSON"
        case (_, nil): "no access_token"
        default: "an access_token that is no word of at most \(Limits.token) printable characters"
        }
      throw RPCError(
        .failedPrecondition, "token endpoint returned \(what)", credentialProblem: .authorizationServerUnusable)
    }
    let lifetime = answer?["expires_in"]?.number ?? Self.defaultLifetimeSeconds
    return AccessToken(text: token, lifetimeSeconds: min(max(lifetime, 0), 86_400))
  }

  private static func refusal(_ status: Int, _ answer: JSONValue?) -> RPCError {
    let error = answer?["error"]?.string
    // The error's code is of a fixed list (RFC 6749 section 5.2); the rest of the body is the provider's own text.
    let code = error.map { ": " + PrintableText.of($0, limit: 64) } ?? ""
    let message = "token endpoint returned status \(status)\(code)"
    if status == 429 || status >= 500 {
      return RPCError(.unavailable, message, credentialProblem: .authorizationServerBusy)
    }
    let problem: CredentialProblem =
      switch error {
      case "invalid_client", "unauthorized_client": .clientUnknown
      case "invalid_scope": .scopeRefused
      case nil: .authorizationServerUnusable
      default: .clientRefused
      }
    return RPCError(.failedPrecondition, message, credentialProblem: problem)
  }

  private func send(_ request: HTTPRequest, or failure: String) async throws(RPCError) -> HTTPResponse {
    do throws(HTTPClientError) {
      let client = try client.withLock { client throws(HTTPClientError) in
        if let client { return client }
        let fresh = try HTTPClient(log: Log(level: .error))
        client = fresh
        return fresh
      }
      return try await client.send(request)
    } catch {
      let isInvalid = error.kind == .invalidRequest
      throw RPCError(
        isInvalid ? .failedPrecondition : .unavailable, "\(failure): \(error.message)",
        credentialProblem: isInvalid ? .authorizationServerUnusable : .authorizationServerUnreachable)
    }
  }

  private static func encoded(_ form: [(String, String)]) -> [UInt8] {
    var body: [UInt8] = []
    for (name, value) in form {
      if !body.isEmpty { body.append(UInt8(ascii: "&")) }
      body += Array(name.utf8) + [UInt8(ascii: "=")]
      body += PercentEncoding.encode(Array(value.utf8), keeping: PercentEncoding.isUnreserved)
    }
    return body
  }
}
