import Crypto
import FederationAPI
import HTTPClient
import JSON
import Resources

/// Gets access tokens of Google's.
struct GCPTokens: Sendable {
  typealias Lease = ExpiringCredential<SecretBytes>.Lease

  let exchange: BackendExchange
  let secrets: ProviderSecrets

  private static let scope = "https://www.googleapis.com/auth/cloud-platform"
  /// Wherever the request is sent: Google's tokens are for this audience.
  private static let audience = "https://oauth2.googleapis.com/token"
  private static let lifetimeSeconds: Int64 = 3_600

  /// A token, got by what stands in the store's credential now.
  func lease(_ spec: GCPStoreSpec, deadline: MonotonicTime) async throws(BackendError) -> Lease {
    let reach = GCPCredential.Reach(allowsExternal: spec.isFederated, endpoint: spec.endpoint)
    switch try GCPCredential(try secrets.value(spec.credential), reach) {
    case .account(let email, let keyID, let key, let url):
      let assertion = try Self.assertion(email: email, keyID: keyID, key: key)
      let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion)]
      return try await token(form, url, deadline)
    case .external(let account):
      let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), ("audience", account.audience),
        ("scope", Self.scope), ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("subject_token", try subjectToken(account)), ("subject_token_type", account.subjectTokenType),
      ]
      let federated = try await token(form, account.tokenURL, deadline)
      guard let url = account.impersonationURL else { return federated }
      return try await impersonated(url, federated.value.text ?? "", deadline)
    }
  }

  /// The JWT by which a service account asks for a token (RFC 7523).
  private static func assertion(email: String, keyID: String?, key: PrivateKey) throws(BackendError) -> String {
    let now = WallClock.nowSeconds
    var header: [JSONName: JSONValue] = ["alg": "RS256", "typ": "JWT"]
    if let keyID { header["kid"] = .string(keyID) }
    let claims: JSONValue = [
      "iss": .string(email), "scope": .string(scope), "aud": .string(audience), "iat": .number(Double(now)),
      "exp": .number(Double(now + lifetimeSeconds)),
    ]
    let signed = Base64URL.encode(JSONValue.object(header).encoded()) + "." + Base64URL.encode(claims.encoded())
    do throws(CryptoError) {
      return signed + "." + Base64URL.encode(try key.sign(Array(signed.utf8), algorithm: .rs256))
    } catch {
      throw .misconfigured(reason: "private_key of Google's credential cannot sign: \(error)")
    }
  }

  private func subjectToken(_ account: GCPCredential.ExternalAccount) throws(BackendError) -> String {
    guard let member = account.member else { return try secrets.text(.file(account.file)) }
    let content = try secrets.value(.file(account.file))
    guard let token = (try? JSONValue.parse(content.copied))?[member]?.string, !token.isEmpty else {
      throw .misconfigured(reason: "\(account.file) is no JSON text with the token in \(member)")
    }
    return token
  }

  private func token(
    _ form: [(name: String, value: String)], _ url: BackendURL, _ deadline: MonotonicTime
  ) async throws(BackendError) -> Lease {
    let answer = try await post(
      url, FormBody.encoded(form), [("Content-Type", "application/x-www-form-urlencoded")], deadline)
    guard let token = Self.printable(answer["access_token"]) else {
      throw .dataLoss(reason: "the token endpoint's answer has no access_token")
    }
    return Lease(SecretBytes(token), lifetimeSeconds: Self.bounded(answer["expires_in"]?.number ?? 60))
  }

  /// The token of the service account that `url` names, for who has `token`.
  private func impersonated(
    _ url: BackendURL, _ token: String, _ deadline: MonotonicTime
  ) async throws(BackendError) -> Lease {
    let body: JSONValue = ["scope": [.string(Self.scope)], "lifetime": .string("\(Self.lifetimeSeconds)s")]
    let headers = [("Content-Type", "application/json"), ("Authorization", "Bearer \(token)")]
    let answer = try await post(url, body.encoded(), headers, deadline)
    guard let token = Self.printable(answer["accessToken"]),
      let end = answer["expireTime"]?.string.flatMap(RFC3339.seconds)
    else { throw .dataLoss(reason: "the answer about the service account has no accessToken") }
    return Lease(SecretBytes(token), lifetimeSeconds: Self.bounded(Double(end - WallClock.nowSeconds)))
  }

  private func post(
    _ url: BackendURL, _ body: [UInt8], _ headers: [(name: String, value: String)], _ deadline: MonotonicTime
  ) async throws(BackendError) -> JSONValue {
    let response = try await exchange.send(
      HTTPRequest(
        method: "POST", url: url.text, headers: [("Accept", "application/json")] + headers, body: body,
        allowsPlaintext: url.isPlaintext), deadline: deadline)
    guard response.status == 200 else {
      throw .denied(reason: "Google's token endpoint answered with status \(response.status)")
    }
    guard let answer = try? JSONValue.parse(response.body) else {
      throw .dataLoss(reason: "the token endpoint's answer is no JSON text")
    }
    return answer
  }

  private static func printable(_ value: JSONValue?) -> String? {
    guard let token = value?.string, (1...Limits.token).contains(token.utf8.count),
      token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    return token
  }

  private static func bounded(_ seconds: Double) -> Double { min(max(seconds, 0), 86_400) }
}
