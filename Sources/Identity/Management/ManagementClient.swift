import FederationAPI
import FoundationEssentials
import HTTPClient
import JSON
import Logging
import Synchronization

/// Asks the management APIs of Okta and PingOne whether an identity is still there.
///
/// Okta: Apps API, `GET /api/v1/apps/{id}`, and Users API, `GET /api/v1/users/{id}`. PingOne: Platform API, `GET
/// /v1/environments/{id}/applications/{id}`.
public final class ManagementClient: Sendable {
  private struct WorkerToken: Sendable {
    let secret: SecretBytes
    let usableUntil: MonotonicTime
  }

  private static let timeoutSeconds = 10.0
  private let client: any HTTPSending
  private let log: Log
  /// As many lines as there are identities with credentials would be too many, while a provider is away.
  private let limit = LogLimit(linesPerSecond: 20)
  /// By token endpoint: as many as there are PingOne environments among the manifests of one time.
  private let tokens = Mutex<[String: WorkerToken]>([:])
  private static let maximumTokens = 256

  /// Asks with `client`.
  public init(client: any HTTPSending, log: Log) {
    self.client = client
    self.log = log
  }

  /// What `access` says of `subject`, an identity of `federation`. Only certainty counts: every error is `unknown`.
  public func presence(
    of subject: String, _ federation: FederationReference, _ access: ManagementAccess
  ) async -> ProviderAnswer {
    let id = String(
      decoding: PercentEncoding.encode(Array(subject.utf8), keeping: PercentEncoding.isUnreserved), as: UTF8.self)
    // A dot segment would name the list that the object stands in (RFC 3986 section 5.2.4).
    guard !["", ".", ".."].contains(id) else { return .unknown }
    do throws(Unanswered) {
      switch access.provider {
      case .okta(let domain, let token):
        return try await okta(domain, id, "SSWS \(token.text ?? "")", access.caBundle)
      case .pingIdentity(let url, let tokenURL, let clientID, let secret):
        let token = try await workerToken(tokenURL, clientID, secret, access.caBundle)
        let response = try await get("\(url)/applications/\(id)", "Bearer \(token)", access.caBundle)
        return try pingOne(response, tokenURL)
      }
    } catch {
      log.write(
        .warning, "identity_not_looked_up", within: limit, at: MonotonicTime.now.nanoseconds,
        ["federation": "\(federation)", "reason": error.reason])
      return .unknown
    }
  }

  /// For the log: what happened and what to do; no address that the manifest has not, and no text of the provider.
  private struct Unanswered: Error {
    let reason: String
  }

  /// Gone is an application that is not active and, as subjects may be users, too, no user either.
  private func okta(
    _ domain: String, _ id: String, _ authorization: String, _ caBundle: [UInt8]?
  ) async throws(Unanswered) -> ProviderAnswer {
    let application = try await get("\(domain)/api/v1/apps/\(id)", authorization, caBundle)
    if application.status == 200 { return try status(application) == "ACTIVE" ? .present : .gone }
    guard application.status == 404 else { throw answered(application) }
    let user = try await get("\(domain)/api/v1/users/\(id)", authorization, caBundle)
    if user.status == 404 { return .gone }
    guard user.status == 200 else { throw answered(user) }
    return try status(user) == "DEPROVISIONED" ? .gone : .present
  }

  private func status(_ response: HTTPResponse) throws(Unanswered) -> String {
    guard let status = (try? JSONValue.parse(response.body))?["status"]?.string, status.utf8.count <= 64 else {
      throw Unanswered(reason: "the provider's answer has no status")
    }
    return status
  }

  private func pingOne(_ response: HTTPResponse, _ tokenURL: String) throws(Unanswered) -> ProviderAnswer {
    switch response.status {
    case 200:
      guard let document = try? JSONValue.parse(response.body), document.object != nil else {
        throw Unanswered(reason: "the provider's answer is not a JSON object")
      }
      return document["enabled"] == true ? .present : .gone
    // The worker may not see applications: nobody can tell.
    case 403: return .present
    case 404: return .gone
    case 401:
      tokens.withLock { $0[tokenURL] = nil }
      throw answered(response)
    default: throw answered(response)
    }
  }

  private func workerToken(
    _ url: String, _ clientID: SecretBytes, _ secret: SecretBytes, _ caBundle: [UInt8]?
  ) async throws(Unanswered) -> String {
    if let known = tokens.withLock({ $0[url] }), MonotonicTime.now < known.usableUntil {
      return known.secret.text ?? ""
    }
    // Both are form-encoded before they are joined (RFC 6749 section 2.3.1).
    let pair = [clientID, secret].map { value in
      value.withBytes { bytes in
        PercentEncoding.encode(bytes.withUnsafeBytes { Array($0) }, keeping: PercentEncoding.isUnreserved)
      }
    }
    let basic = Data(pair[0] + [UInt8(ascii: ":")] + pair[1]).base64EncodedString()
    let request = HTTPRequest(
      method: "POST", url: url,
      headers: [
        ("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded"),
        ("Authorization", "Basic \(basic)"),
      ],
      body: Array("grant_type=client_credentials".utf8), caCertificates: caBundle, timeoutSeconds: Self.timeoutSeconds)
    let response = try await send(request)
    guard response.status == 200, let answer = try? JSONValue.parse(response.body),
      let token = answer["access_token"]?.string, !token.isEmpty, token.utf8.count <= Limits.token,
      token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Unanswered(
        reason:
          "the token request was answered \(response.status) without a token; check the worker's ID and secret in the "
          + "federation's Secret, and the federation's environment")
    }
    let seconds = min(max((answer["expires_in"]?.number ?? 0) - 60, 0), 86_400)
    tokens.withLock { tokens in
      if tokens.count >= Self.maximumTokens { tokens = [:] }
      tokens[url] = WorkerToken(secret: SecretBytes(token), usableUntil: MonotonicTime.now.advanced(bySeconds: seconds))
    }
    return token
  }

  private func get(
    _ url: String, _ authorization: String, _ caBundle: [UInt8]?
  ) async throws(Unanswered) -> HTTPResponse {
    try await send(
      HTTPRequest(
        url: url, headers: [("Accept", "application/json"), ("Authorization", authorization)], caCertificates: caBundle,
        timeoutSeconds: Self.timeoutSeconds))
  }

  private func send(_ request: HTTPRequest) async throws(Unanswered) -> HTTPResponse {
    do throws(HTTPClientError) {
      return try await client.send(request)
    } catch {
      throw Unanswered(reason: Self.failure(error, request.url))
    }
  }

  /// What became of a request, and what to do.
  private static func failure(_ error: HTTPClientError, _ url: String) -> String {
    let place = "the request to \(IssuerURL.origin(of: url)) failed: \(error.kind.rawValue)"
    return switch error.kind {
    // It names the server and what is wrong with its certificate.
    case .tls: "the request failed: \(error); where its CA is not the system's, put it into the federation's caBundle"
    // Its text may tell which inner address the name has.
    case .unreachable, .timeout:
      "\(place); check the federation's address and the network from this server to it"
    case .tooLarge: "\(place); check that the federation's address is the provider's management API"
    case .invalidRequest: "\(place); check the federation's address, and that its Secret holds a token and nothing else"
    case .cancelled: place
    }
  }

  private func answered(_ response: HTTPResponse) -> Unanswered {
    let advice =
      switch response.status {
      case 401, 403:
        "; check that the Secret of the federation has a token or worker that may read applications and users"
      case 429: "; the provider takes no more requests now"
      default: ""
      }
    return Unanswered(reason: "the request was answered \(response.status)\(advice)")
  }
}
