import FederationClient
import Glibc

/// Checks the flags of each `--federated-auth` method.
enum AuthenticationOptions {
  private static let regions = ["com", "eu", "asia", "ca"]

  /// Checks the flags of the chosen method; throws a usage error, also for methods that are not built yet.
  static func validate(_ options: CommandOptions) throws(Failure) {
    guard options.workloadToken.isEmpty || options.workloadTokenPath.isEmpty else {
      throw .usage("give --workload-token or --workload-token-path, not both")
    }
    switch options.federatedAuth {
    case "kubernetes": return
    case "spiffe": try validateSpiffe(options)
    case "okta": try validateOkta(options)
    case "pingidentity": try validatePingIdentity(options)
    default:
      throw .usage(
        "--federated-auth=\(options.federatedAuth) is not one of kubernetes, spiffe, okta, pingidentity")
    }
    throw .usage("--federated-auth=\(options.federatedAuth) is not in this version; use --federated-auth=kubernetes")
  }

  private static func validateSpiffe(_ options: CommandOptions) throws(Failure) {
    let id = options.federatedServerSpiffeID
    guard id.isEmpty || id.hasPrefix("spiffe://") && id.count > "spiffe://".count else {
      throw .usage("federated-server-spiffe-id \"\(id)\" is not a SPIFFE ID: write spiffe://TRUST-DOMAIN/PATH")
    }
  }

  private static func validateOkta(_ options: CommandOptions) throws(Failure) {
    try require(options.oktaClientID, "okta-client-id")
    try require(options.oktaDomain, "okta-domain")
    guard (try? ServerAddress(parsing: options.oktaDomain)) != nil else {
      throw .usage("okta-domain \"\(options.oktaDomain)\" is not an http or https URL")
    }
    try require(options.oktaPrivateKey, "okta-private-key")
    try loadKey(options.oktaPrivateKey, provider: "Okta")
  }

  private static func validatePingIdentity(_ options: CommandOptions) throws(Failure) {
    try require(options.pingIdentityClientID, "pingidentity-client-id")
    try require(options.pingIdentityRegion, "pingidentity-region")
    guard regions.contains(options.pingIdentityRegion) else {
      throw .usage("pingidentity-region \"\(options.pingIdentityRegion)\" is not one of com, eu, asia, ca")
    }
    try require(options.pingIdentityEnvironmentID, "pingidentity-environment-id")
    try require(options.pingIdentityPrivateKey, "pingidentity-private-key")
    try loadKey(options.pingIdentityPrivateKey, provider: "PingIdentity")
  }

  private static func require(_ value: String, _ flag: String) throws(Failure) {
    if value.isEmpty { throw .usage("\(flag) is required") }
  }

  private static func loadKey(_ path: String, provider: String) throws(Failure) {
    guard access(path, R_OK) == 0 else {
      throw .usage("failed to load \(provider) private key: \(path): \(String(cString: strerror(errno)))")
    }
  }
}
