import Crypto
import FederationAPI
import HTTP1
import JSON
import Synchronization

/// Okta's or PingOne's side of the documented API, over HTTPS on loopback: discovery, keys, the token endpoint with
/// private_key_jwt, and what of the management API tells whether an application is there.
public final class AuthorizationServer: Sendable {
  /// Whose paths and claims it has.
  public enum Provider: Sendable, Equatable {
    /// An authorization server of that ID; empty for the org's own.
    case okta(serverID: String)
    /// An environment of that ID.
    case pingIdentity(environmentID: String)
  }

  /// What it was asked.
  public struct Request: Sendable, Equatable {
    /// For example `GET`.
    public var method: String
    /// The path without the query.
    public var path: String
    /// The field's value, nil when it did not come.
    public var authorization: String?
  }

  /// The server behind it.
  public let server: HTTPSServer
  /// Where what is.
  public let endpoints: AuthorizationEndpoints
  private let desk: AuthorizationDesk

  /// Starts it with one signing key and no client.
  public init(_ provider: Provider, authority: TestCertificateAuthority? = nil) throws {
    let desk = AuthorizationDesk(key: try TestSigningKey(algorithm: .rs256))
    server = try HTTPSServer(authority: authority) { desk.answer($0) }
    self.desk = desk
    endpoints = AuthorizationEndpoints(provider: provider, url: server.url)
    desk.state.withLock { [endpoints] in $0.endpoints = endpoints }
  }

  /// `https://127.0.0.1:PORT`: `OktaFederation.spec.domain`.
  public var url: String { server.url }
  /// PEM that makes ``url`` trusted.
  public var caCertificates: [UInt8] { server.authority?.certificatePEM ?? [] }

  /// Every request so far.
  public var requests: [Request] { desk.state.withLock { $0.requests } }
  /// The scopes of every token that was issued.
  public var scopes: [String?] { desk.state.withLock { $0.scopes } }
  /// Every token that was issued.
  public var tokens: [String] { desk.state.withLock { $0.tokens } }
  /// How many tokens were issued.
  public var issuedTokens: Int { desk.state.withLock { $0.issued } }

  /// Lets `clientID` prove itself with `key`.
  public func register(_ clientID: String, key: PublicKey) { desk.state.withLock { $0.clients[clientID] = key } }

  /// How long tokens are valid from now on.
  public func setLifetime(_ seconds: Int64) { desk.state.withLock { $0.lifetimeSeconds = seconds } }

  /// Signs with `key` from now on, and publishes it alone.
  public func rotate(to key: TestSigningKey) { desk.state.withLock { $0.signingKey = key } }

  /// Names `issuer` in its discovery document.
  public func claimIssuer(_ issuer: String) { desk.state.withLock { $0.discoveryIssuer = issuer } }

  /// What the management API says of the application `id`; nil for 404.
  public func setApplication(_ id: String, _ document: JSONValue?) {
    desk.state.withLock { $0.applications[id] = document }
  }

  /// What the management API takes from now on: Okta's token, or PingOne's for the worker application's secret.
  public func setManagement(token: String, workerSecret: String) {
    desk.state.withLock { state in
      (state.managementToken, state.workerToken, state.workerSecret) = (token, token, workerSecret)
    }
  }

  /// Lets the management API answer with `status` whatever it is asked; nil for the truth.
  public func failManagement(_ status: Int?) { desk.state.withLock { $0.managementStatus = status } }

  /// A good token for the client `subject`; members of `overrides` are put over its claims, nil removes one.
  public func token(
    subject: String, overrides: [JSONName: JSONValue?] = [:], key: TestSigningKey? = nil
  ) throws -> String {
    try desk.state.withLock { state in
      var members = state.claims(subject)
      for (name, value) in overrides { members[name] = value }
      return try (key ?? state.signingKey).token(JSONValue.object(members))
    }
  }
}

/// Where an authorization server has what.
public struct AuthorizationEndpoints: Sendable {
  /// Whose paths.
  public let provider: AuthorizationServer.Provider
  /// `https://127.0.0.1:PORT`.
  public let url: String

  /// The `iss` of its tokens.
  public var issuer: String {
    switch provider {
    case .okta(let serverID): serverID.isEmpty ? url : "\(url)/oauth2/\(serverID)"
    case .pingIdentity(let environmentID): "\(url)/\(environmentID)/as"
    }
  }

  /// Where tokens are asked for.
  public var token: String {
    switch provider {
    case .okta(let serverID): serverID.isEmpty ? "\(url)/oauth2/v1/token" : "\(issuer)/v1/token"
    case .pingIdentity: "\(issuer)/token"
    }
  }

  /// Where its keys are.
  public var keys: String {
    switch provider {
    case .okta(let serverID): serverID.isEmpty ? "\(url)/oauth2/v1/keys" : "\(issuer)/v1/keys"
    case .pingIdentity: "\(issuer)/jwks"
    }
  }
}
