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
      let key = try ClientAssertion.privateKey(credentials.privateKeyFile)
      var authorities: [UInt8]?
      if let path = credentials.caFile {
        authorities = try BoundedFile.read(path, limit: Limits.caCertificates, purpose: "CA file")
        guard authorities != nil else { throw RPCError(.failedPrecondition, "there is no CA file \(path)") }
      }
      let endpoint = try await endpoint(authorities)
      let assertion = try ClientAssertion.make(
        clientID: credentials.clientID, audience: endpoint, key: key, keyID: credentials.keyID,
        now: WallClock.nowSeconds)
      return .success(try await ask(endpoint, assertion, authorities))
    } catch {
      return .failure(error)
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
      guard response.status == 200, let document = try? JSONValue.parse(response.body),
        document["issuer"]?.string?.utf8.elementsEqual(issuer.utf8) == true,
        let endpoint = document["token_endpoint"]?.string, endpoint.utf8.starts(with: "https://".utf8)
      else {
        throw RPCError(
          response.status >= 500 ? .unavailable : .failedPrecondition,
          "failed to fetch discovery document: \(issuer) answered \(response.status) without a usable document")
      }
      return endpoint
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
    guard response.status == 200 else {
      // The error's code is of a fixed list (RFC 6749 section 5.2); the rest of the body is the provider's own text.
      let code = answer?["error"]?.string.map { ": " + PrintableText.of($0, limit: 64) } ?? ""
      throw RPCError(
        response.status == 429 || response.status >= 500 ? .unavailable : .failedPrecondition,
        "token endpoint returned status \(response.status)\(code)")
    }
    guard let token = answer?["access_token"]?.string, !token.isEmpty, token.utf8.count <= Limits.token else {
      throw RPCError(.failedPrecondition, "token endpoint returned no access_token")
    }
    let lifetime = answer?["expires_in"]?.number ?? Self.defaultLifetimeSeconds
    return AccessToken(text: token, lifetimeSeconds: min(max(lifetime, 0), 86_400))
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
      throw RPCError(error.kind == .invalidRequest ? .failedPrecondition : .unavailable, "\(failure): \(error.message)")
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
