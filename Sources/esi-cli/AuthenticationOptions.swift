import FederationAPI
import FederationClient

/// Checks the flags of each `--federated-auth` method, and makes of them what proves the caller.
enum AuthenticationOptions {
  private static let regions = ["com", "eu", "asia", "ca"]

  /// Checks the flags of the chosen method; throws a usage error.
  static func validate(_ options: CommandOptions) throws(Failure) {
    guard options.workloadToken.isEmpty || options.workloadTokenPath.isEmpty else {
      throw .usage("give --workload-token or --workload-token-path, not both")
    }
    switch options.federatedAuth {
    case "kubernetes": return
    case "spiffe": return try SPIFFEOptions.validate(options)
    case "okta": return try validateOkta(options)
    case "pingidentity": return try validatePingIdentity(options)
    default:
      throw .usage(
        "--federated-auth=\(options.federatedAuth) is not one of kubernetes, spiffe, okta, pingidentity")
    }
  }

  private static func validateOkta(_ options: CommandOptions) throws(Failure) {
    try require(options.oktaClientID, "okta-client-id")
    try require(options.oktaDomain, "okta-domain")
    try requireURL(options.oktaDomain, "okta-domain")
    try requireID(options.oktaAuthServer, "okta-auth-server")
    try require(options.oktaPrivateKey, "okta-private-key")
    try loadKey(oktaCredentials(options), provider: "Okta")
  }

  private static func validatePingIdentity(_ options: CommandOptions) throws(Failure) {
    try require(options.pingIdentityClientID, "pingidentity-client-id")
    try require(options.pingIdentityRegion, "pingidentity-region")
    guard regions.contains(options.pingIdentityRegion) else {
      throw .usage("pingidentity-region \"\(options.pingIdentityRegion)\" is not one of com, eu, asia, ca")
    }
    try require(options.pingIdentityEnvironmentID, "pingidentity-environment-id")
    try requireID(options.pingIdentityEnvironmentID, "pingidentity-environment-id")
    try require(options.pingIdentityPrivateKey, "pingidentity-private-key")
    if !options.pingIdentityIssuer.isEmpty { try requireURL(options.pingIdentityIssuer, "pingidentity-issuer") }
    try loadKey(pingIdentityCredentials(options), provider: "PingIdentity")
  }

  /// Where the client's token comes from by the chosen method, whose flags were checked.
  static func tokenSource(_ options: CommandOptions) -> TokenSource {
    switch options.federatedAuth {
    case "okta": .clientCredentials(oktaCredentials(options))
    case "pingidentity": .clientCredentials(pingIdentityCredentials(options))
    default: .file(options.federatedToken)
    }
  }

  private static func oktaCredentials(_ options: CommandOptions) -> ClientCredentials {
    var domain = options.oktaDomain
    while domain.hasSuffix("/") { domain.removeLast() }
    return ClientCredentials(
      provider: .okta(domain: domain, authorizationServer: options.oktaAuthServer), clientID: options.oktaClientID,
      privateKeyFile: options.oktaPrivateKey, keyID: given(options.oktaKeyID), scopes: options.oktaScopes,
      caFile: given(options.federatedAuthCACertificate))
  }

  private static func pingIdentityCredentials(_ options: CommandOptions) -> ClientCredentials {
    let issuer =
      given(options.pingIdentityIssuer)
      ?? ClientCredentials.pingIdentityIssuer(
        region: options.pingIdentityRegion, environmentID: options.pingIdentityEnvironmentID)
    return ClientCredentials(
      provider: .pingIdentity(issuer: issuer), clientID: options.pingIdentityClientID,
      privateKeyFile: options.pingIdentityPrivateKey, keyID: given(options.pingIdentityKeyID),
      scopes: options.pingIdentityScopes, caFile: given(options.federatedAuthCACertificate))
  }

  private static func given(_ value: String) -> String? { value.isEmpty ? nil : value }

  /// The client's proof is sent there, so http will not do.
  private static func requireURL(_ value: String, _ flag: String) throws(Failure) {
    guard let address = try? ServerAddress(parsing: value), address.usesTLS else {
      throw .usage("\(flag) \"\(value)\" is not an https URL")
    }
  }

  /// It becomes part of a path: with a slash in it the client's proof would go to another place of that server.
  private static func requireID(_ value: String, _ flag: String) throws(Failure) {
    let isID = value.utf8.allSatisfy { byte in
      let letter = byte | 0x20
      return (0x61...0x7A).contains(letter) || (0x30...0x39).contains(byte) || "-_".utf8.contains(byte)
    }
    guard isID, value.utf8.count <= 128 else {
      throw .usage("\(flag) \"\(value)\" is no ID: at most 128 letters, digits, - and _")
    }
  }

  private static func require(_ value: String, _ flag: String) throws(Failure) {
    if value.isEmpty { throw .usage("\(flag) is required") }
  }

  private static func loadKey(_ credentials: ClientCredentials, provider: String) throws(Failure) {
    do throws(RPCError) {
      try credentials.checkPrivateKey()
    } catch {
      throw .usage("failed to load \(provider) private key: \(error.message)")
    }
  }
}
