import FederationAPI
import HTTP1
import JSON
import Synchronization

/// A token issuer that serves discovery and keys like a Kubernetes API server, and fails like one on request.
public final class OIDCIssuer: Sendable {
  /// The two documents that an issuer serves.
  public enum Endpoint: Sendable, Hashable, CaseIterable {
    /// `/.well-known/openid-configuration`.
    case discovery
    /// `/openid/v1/jwks`.
    case keys

    /// The path of the URL.
    public var path: String {
      switch self {
      case .discovery: "/.well-known/openid-configuration"
      case .keys: "/openid/v1/jwks"
      }
    }
  }

  /// What a caller needs to be let in.
  public enum Access: Sendable {
    /// Nothing.
    case anonymous
    /// A bearer token; 401 without.
    case bearer
    /// A bearer token; 403 without, as where anonymous requests are let in but may do nothing.
    case bearerOrForbidden
  }

  /// What an endpoint answers.
  public enum Behaviour: Sendable {
    /// The document.
    case normal
    /// This status with a Kubernetes Status object.
    case status(Int)
    /// 302 to this URL.
    case redirect(String)
    /// 200 with this body.
    case body(String)
    /// 200 with the document, padded with white space to this many bytes.
    case padded(Int)
  }

  /// What it was asked: path with query, and the `Authorization` that came with it.
  public struct Request: Sendable, Equatable {
    /// For example `/openid/v1/jwks`.
    public var target: String
    /// The field's value, nil when it did not come.
    public var authorization: String?
  }

  /// The server behind it; ``HTTPSServer/stop()`` and ``HTTPSServer/start()`` take it down and up.
  public let server: HTTPSServer
  private let desk: IssuerDesk

  /// Starts an issuer with one signing key.
  ///
  /// `issuer` is the `iss` of its tokens and documents, its own URL when nil; clusters often use a name that is not
  /// an address.
  public convenience init(
    authority: TestCertificateAuthority? = nil, issuer: String? = nil, key: TestSigningKey? = nil,
    access: Access = .bearer
  ) throws {
    let key = try key ?? TestSigningKey()
    try self.init(
      authority: authority, certificate: nil, issuer: issuer,
      desk: IssuerDesk(key: key, keySet: TestSigningKey.keySet([key]), access: access))
  }

  /// Starts an issuer with a certificate that is there and the key set `keySet`, which it publishes as it is.
  /// With `requiresToken`, requests without a bearer token are answered 401.
  public static func start(
    certificate: TestCertificateAuthority.ServerCertificate, issuer: String? = nil, keySet: JSONValue,
    requiresToken: Bool = false
  ) throws -> OIDCIssuer {
    let desk = IssuerDesk(
      key: try TestSigningKey(), keySet: keySet, access: requiresToken ? .bearer : .anonymous)
    return try OIDCIssuer(authority: nil, certificate: certificate, issuer: issuer, desk: desk)
  }

  private init(
    authority: TestCertificateAuthority?, certificate: TestCertificateAuthority.ServerCertificate?, issuer: String?,
    desk: IssuerDesk
  ) throws {
    server = try HTTPSServer(authority: authority, certificate: certificate) { await desk.answer($0) }
    self.desk = desk
    let name = issuer ?? server.url
    desk.state.withLock { [url = server.url] state in
      state.issuer = name
      state.keysURL = url + Endpoint.keys.path
    }
  }

  /// Where the documents are: what `KubernetesFederation.spec.url` is set to.
  public var url: String { server.url }
  /// The `iss` of its tokens.
  public var issuer: String { desk.state.withLock { $0.issuer } }
  /// PEM that makes ``url`` trusted: what callers send as `ca.crt`. Empty when only a certificate was given.
  public var caCertificates: [UInt8] { server.authority?.certificatePEM ?? [] }

  // MARK: Tokens and keys

  /// The key that signs now.
  public var signingKey: TestSigningKey { desk.state.withLock { $0.signingKey } }

  /// Claims of a good token for a service account.
  public func claims(namespace: String = "apps", serviceAccount: String = "app") -> ServiceAccountClaims {
    ServiceAccountClaims(issuer: issuer, namespace: namespace, serviceAccount: serviceAccount)
  }

  /// A token with `claims`, good ones when nil, signed by the key of now.
  public func token(_ claims: ServiceAccountClaims? = nil) throws -> String {
    try signingKey.token(claims ?? self.claims())
  }

  /// Signs with `key` from now on and publishes it; the old key stays published only when `keepsOld`.
  public func rotate(to key: TestSigningKey, keepsOld: Bool = false) {
    desk.state.withLock { state in
      state.keySet = TestSigningKey.keySet((keepsOld ? [state.signingKey] : []) + [key])
      state.signingKey = key
    }
  }

  /// Publishes exactly `keySet`, whatever signs.
  public func publish(_ keySet: JSONValue) { desk.state.withLock { $0.keySet = keySet } }

  /// Names `url` as `jwks_uri`; real clusters name addresses that only they can reach.
  public func setKeysURL(_ url: String) { desk.state.withLock { $0.keysURL = url } }

  /// What callers need to be let in from now on.
  public func setAccess(_ access: Access) { desk.state.withLock { $0.access = access } }

  // MARK: Failures

  /// Closes its port, so that it is refused like a host that is down; ``HTTPSServer/start()`` brings it back.
  public func stop() async { await server.stop() }

  /// How both endpoints, or one of them, answer from now on.
  public func behave(_ behaviour: Behaviour, at endpoint: Endpoint? = nil) {
    desk.state.withLock { state in
      for each in endpoint.map({ [$0] }) ?? Endpoint.allCases { state.behaviours[each] = behaviour }
    }
  }

  /// Lets requests wait, unanswered, until ``release()``.
  public func hold() { desk.state.withLock { $0.isHolding = true } }

  /// Answers what waits, and all that follows at once.
  public func release() { desk.release() }

  // MARK: What happened

  /// Every request in order of arrival.
  public var requests: [Request] { desk.state.withLock { $0.requests } }

  /// The number of requests to `endpoint`.
  public func count(_ endpoint: Endpoint) -> Int { requests.count { $0.target == endpoint.path } }

  /// Returns once `count` requests have come since the start, held ones included.
  public func waitForRequests(_ count: Int) async { await desk.waitForRequests(count) }
}
