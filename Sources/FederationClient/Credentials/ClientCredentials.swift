import FederationAPI

/// How a client gets tokens from an authorization server: OAuth 2.0 client credentials, proved by a JWT that its own
/// key signs (RFC 6749 section 4.4, RFC 7523 section 2.2).
public struct ClientCredentials: Sendable {
  /// Whose token endpoint is asked.
  public enum Provider: Sendable, Equatable {
    /// Okta: `domain` is the organisation's https URL; an empty `authorizationServer` is the organisation's own.
    case okta(domain: String, authorizationServer: String)
    /// PingOne: the token endpoint is what the discovery document of `issuer` says.
    case pingIdentity(issuer: String)
  }

  /// The provider.
  public var provider: Provider
  /// The client's ID at the provider: the subject of its tokens.
  public var clientID: String
  /// PEM file of the client's private key, unencrypted; read anew for each token. RSA signs RS256, P-256 ES256, P-384
  /// ES384, P-521 ES512 and Ed25519 EdDSA.
  public var privateKeyFile: String
  /// The `kid` of the assertion; nil sends none, which will do for a client of one key.
  public var keyID: String?
  /// Scopes separated by spaces; empty asks for none.
  public var scopes: String
  /// PEM file that verifies the provider's TLS; nil for the system's roots.
  public var caFile: String?

  /// Makes the description; nothing is read yet.
  public init(
    provider: Provider, clientID: String, privateKeyFile: String, keyID: String? = nil, scopes: String = "",
    caFile: String? = nil
  ) {
    self.provider = provider
    self.clientID = clientID
    self.privateKeyFile = privateKeyFile
    self.keyID = keyID
    self.scopes = scopes
    self.caFile = caFile
  }

  /// The issuer of a PingOne environment, by its region (`com`, `eu`, `asia` or `ca`) and its ID.
  public static func pingIdentityIssuer(region: String, environmentID: String) -> String {
    "https://auth.pingone.\(region)/\(environmentID)/as"
  }

  /// Reads the private key once, to find out early that it cannot be used. Throws FAILED_PRECONDITION.
  public func checkPrivateKey() throws(RPCError) { _ = try ClientAssertion.privateKey(privateKeyFile) }
}

extension TokenSource {
  /// Tokens of an authorization server: kept until shortly before they expire, and asked for anew when a server does not
  /// accept one. Fails with UNAVAILABLE when the authorization server cannot be reached or fails, and with
  /// FAILED_PRECONDITION when it refuses the client.
  public static func clientCredentials(_ credentials: ClientCredentials) -> TokenSource {
    let tokens = ClientTokens(credentials)
    return TokenSource(read: { await tokens.token() }, forget: { await tokens.forget($0) })
  }
}
