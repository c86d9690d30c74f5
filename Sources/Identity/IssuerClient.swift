import FederationAPI
import HTTPClient
import JSON

/// Asks an issuer for its keys: discovery (OpenID Connect Discovery 1.0 section 4), then the key set that it names.
struct IssuerClient: Sendable {
  enum Outcome: Sendable {
    case keys(JSONWebKeySet)
    /// The issuer answers 401 or 403 to what was sent; another caller's token may fare better.
    case credentialRefused
    /// For the log: the issuer's origin and what to do; no path, no query and no text of the issuer.
    case failed(String)
  }

  let client: any HTTPSending
  let timeoutSeconds: Double

  /// Fetches the keys at `location` over TLS that is verified with `caCertificates`, nil for the system's roots.
  ///
  /// `credential` is the caller's token, given only when an Authorization for its issuer and subject names this
  /// federation; even then it is sent only where the same request without it was answered 401 or 403.
  func fetchKeys(_ location: KeyLocation, caCertificates: [UInt8]?, credential: String?) async -> Outcome {
    do {
      let keySet =
        switch location {
        case .cluster(let url): try await clusterKeySet(url, caCertificates, credential)
        case .keySet(let url): url
        case .issuer(let url): try await issuerKeySet(url, caCertificates)
        }
      let body = try await get(keySet, caCertificates, credential, "key set")
      guard let keys = JSONWebKeySet(parsing: body) else {
        return .failed("the key set is not JSON with a list \"keys\"")
      }
      return .keys(keys)
    } catch {
      return error.outcome
    }
  }

  /// Ends a fetch early with `outcome`, which is never keys.
  private struct Failure: Error {
    let outcome: Outcome

    static let noURL = Failure(outcome: .failed("the federation's url is not an https URL"))
    static let noKeySet = Failure(outcome: .failed("the discovery document has no usable jwks_uri"))
  }

  private func clusterKeySet(
    _ url: String, _ caCertificates: [UInt8]?, _ credential: String?
  ) async throws(Failure) -> String {
    guard let issuer = IssuerURL(url) else { throw .noURL }
    let configuration = try await get(issuer.discovery, caCertificates, credential, "discovery")
    guard let uri = (try? JSONValue.parse(configuration))?["jwks_uri"]?.string, let keySet = issuer.keySet(from: uri)
    else { throw .noKeySet }
    return keySet
  }

  private func issuerKeySet(_ url: String, _ caCertificates: [UInt8]?) async throws(Failure) -> String {
    guard let issuer = IssuerURL(url) else { throw .noURL }
    let body = try await get(issuer.discovery, caCertificates, nil, "discovery")
    let configuration = try? JSONValue.parse(body)
    // OpenID Connect Discovery 1.0 section 4.3: else one issuer could hand out another's keys.
    guard let named = configuration?["issuer"]?.string, named.utf8.elementsEqual(url.utf8) else {
      throw Failure(outcome: .failed("the discovery document names another issuer"))
    }
    guard let uri = configuration?["jwks_uri"]?.string, IssuerURL.isAddress(uri) else { throw .noKeySet }
    return uri
  }

  private func get(
    _ url: String, _ caCertificates: [UInt8]?, _ credential: String?, _ what: StaticString
  ) async throws(Failure) -> [UInt8] {
    var response = try await send(url, caCertificates, headers: [], what)
    if Self.wantsCredential(response), let credential {
      response = try await send(url, caCertificates, headers: [("Authorization", "Bearer \(credential)")], what)
    }
    if Self.wantsCredential(response) { throw Failure(outcome: .credentialRefused) }
    guard response.status == 200 else {
      let origin = IssuerURL.origin(of: url)
      throw Failure(outcome: .failed("the \(what) request to \(origin) was answered \(response.status)"))
    }
    return response.body
  }

  private static func wantsCredential(_ response: HTTPResponse) -> Bool {
    response.status == 401 || response.status == 403
  }

  private func send(
    _ url: String, _ caCertificates: [UInt8]?, headers: [(name: String, value: String)], _ what: StaticString
  ) async throws(Failure) -> HTTPResponse {
    let request = HTTPRequest(
      url: url, headers: [("Accept", "application/json")] + headers, caCertificates: caCertificates,
      timeoutSeconds: timeoutSeconds, maximumBodyBytes: JSONValue.defaultMaximumByteCount)
    do {
      return try await client.send(request)
    } catch {
      throw Failure(outcome: .failed("the \(what) request \(Self.failure(error, url))"))
    }
  }

  /// What became of the request, and what to do.
  private static func failure(_ error: HTTPClientError, _ url: String) -> String {
    let place = "to \(IssuerURL.origin(of: url)) failed: \(error.kind.rawValue)"
    return switch error.kind {
    // It names the server and what is wrong with its certificate.
    case .tls: "failed: \(error); where its CA is not the system's, put it into the federation's caBundle"
    // Its text may tell which inner address the name has.
    case .unreachable, .timeout: "\(place); check the federation's address and the network from this server to it"
    case .tooLarge, .invalidRequest, .cancelled: place
    }
  }
}
