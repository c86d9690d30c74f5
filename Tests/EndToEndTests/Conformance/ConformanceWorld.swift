import Crypto
import FederationAPI
import FederationServer
import JSON
import Logging
import TestSupport

/// What the conformance table is asked of: issuers over real HTTPS, manifests, and a server for each wire, so that
/// no wire profits from what another one put into a cache.
final class ConformanceWorld: Sendable {
  /// Made once a test run, when the first case asks.
  static let shared = Task { try await ConformanceWorld() }

  /// Signs the certificates of the issuers and of the servers.
  let ca: TestCertificateAuthority
  /// Signed nothing here.
  let otherCA: TestCertificateAuthority
  let serverCertificate: TestCertificateAuthority.ServerCertificate
  /// Published by no issuer.
  let strangerKey: PrivateKey
  let rpcServer: FederationServer
  let grpcServer: FederationServer
  let httpServer: FederationServer
  private let sites: [IssuerSite: TestIssuerSite]
  private let manifests: TemporaryDirectory
  private let closedPort: ClosedPort

  private init() async throws {
    ca = try TestCertificateAuthority()
    otherCA = try TestCertificateAuthority(name: "Other CA")
    serverCertificate = try ca.issue(label: "federation")
    strangerKey = try .generate(for: .rs256)
    closedPort = try ClosedPort()
    var sites: [IssuerSite: TestIssuerSite] = [:]
    for site in IssuerSite.allCases { sites[site] = try TestIssuerSite(site, ca: ca) }
    self.sites = sites
    manifests = try TemporaryDirectory()
    try ConformanceManifests.write(
      to: manifests, urls: sites.mapValues(\.url), downURL: "https://127.0.0.1:\(closedPort.port)",
      bundle: ca.certificatePEM, otherBundle: otherCA.certificatePEM)
    var configuration = ServerConfiguration(
      manifestDirectory: manifests.path, host: "127.0.0.1", port: 0,
      certificateFile: serverCertificate.certificateFile, keyFile: serverCertificate.keyFile)
    configuration.allowLoad()
    configuration.loops = 1
    configuration.watchesManifests = false
    rpcServer = try await FederationServer.start(configuration, log: Log(level: .error))
    grpcServer = try await FederationServer.start(configuration, log: Log(level: .error))
    httpServer = try await FederationServer.start(configuration, log: Log(level: .error))
  }

  /// The `iss` of a cluster's tokens. Twins share one.
  static func issuer(_ cluster: String) -> String {
    cluster.hasPrefix("twin-") ? "https://twins.example" : "https://\(cluster).example"
  }

  /// The claims of a good token of `cluster` for the service account `app` in `apps`.
  func claims(cluster: String) throws -> ServiceAccountClaims {
    ServiceAccountClaims(issuer: Self.issuer(cluster))
  }

  /// A token of `cluster`, signed by its key `key` unless `signedBy` or `algorithm` say otherwise. Members of
  /// `header` and `claims` are put over the good ones; nil removes one.
  func token(
    cluster: String = "main", key: String = "RS256", header: [String: JSONValue?] = [:],
    claims: [String: JSONValue?] = [:], signedBy signer: PrivateKey? = nil, algorithm: SignatureAlgorithm? = nil
  ) throws -> String {
    let signingKey = try self.key(cluster: cluster, key)
    var members: [JSONName: JSONValue] = ["alg": .string(signingKey.algorithm.rawValue), "kid": .string(key)]
    for (name, value) in header { members[name] = value }
    return try TestToken.mint(
      header: .object(members), claims: try self.claims(cluster: cluster).overriding(claims).json,
      key: signer ?? signingKey.privateKey, algorithm: algorithm ?? signingKey.algorithm)
  }

  /// A token with parts that need not be JSON, under a signature that fits.
  func signed(header: [UInt8]? = nil, payload: [UInt8]) throws -> String {
    let signingKey = try key(cluster: "main", "RS256")
    return try TestToken.mint(
      header: header ?? signingKey.header.encoded(), payload: payload, key: signingKey.privateKey,
      algorithm: signingKey.algorithm)
  }

  /// HS256 with the text that anybody can make of the JWKS as the secret (RFC 8725 section 2.1).
  func tokenKeyedWithPublicKey() throws -> String {
    try TestToken.keyed(
      header: ["alg": "HS256", "kid": "RS256", "typ": "JWT"], claims: try claims(cluster: "main").json,
      secret: try key(cluster: "main", "RS256").publicPEM)
  }

  /// ES256 with the signature as X.509 writes it instead of `r‖s` (RFC 7518 section 3.4).
  func tokenWithDERSignature() throws -> String {
    let parts = try token(key: "ES256").split(separator: ".")
    let der = TestToken.derSignature(fromRaw: Base64URL.decode(String(parts[2])) ?? [])
    return "\(parts[0]).\(parts[1]).\(Base64URL.encode(der))"
  }

  /// Now and `seconds`, as a claim.
  func time(_ seconds: Int64) -> JSONValue { .number(Double(WallClock.nowSeconds + seconds)) }

  private func key(cluster: String, _ name: String) throws -> TestSigningKey {
    guard let key = sites[IssuerSite(cluster: cluster)]?.keys[name] else {
      throw TestSupportError("cluster \(cluster) has no key \(name)")
    }
    return key
  }
}
