import FederationAPI
import FederationProto
import FederationServer
import Foundation
import GRPC
import HTTPClient
import JSON
import Logging
import TTRPC
import TestSupport
import Transport

/// One server that trusts an issuer of each kind, asked over each wire.
final class IdentityMatrixWorld: Sendable {
  enum Method: String, CaseIterable { case kubernetes, okta, pingidentity, oidc }
  enum Wire: String, CaseIterable { case ttrpc, grpc, http }
  /// The federations of each kind, all of one issuer.
  enum Federation: String, CaseIterable {
    case first
    /// As the first.
    case twin
    /// Wants another audience.
    case foreign
  }

  private static let environment = "11111111-2222-4333-8444-555555555555"
  private static let audience = "ese-federation"
  private let ca: TestCertificateAuthority
  private let cluster: OIDCIssuer
  private let providers: [Method: AuthorizationServer]
  private let server: FederationServer
  private let manifests: TemporaryDirectory
  private let group: EventLoopGroup
  private let ttrpc: TTRPCClient
  private let grpc: GRPCClient
  private let http: HTTPClient
  /// So that what is revoked is the very token that was good.
  private let good: [Method: String]

  /// `password` is what every good caller reads.
  init(password: String = "s3cret") async throws {
    ca = try TestCertificateAuthority()
    cluster = try OIDCIssuer(authority: ca, access: .anonymous)
    providers = [
      .okta: try AuthorizationServer(.okta(serverID: "default"), authority: ca),
      .pingidentity: try AuthorizationServer(.pingIdentity(environmentID: Self.environment), authority: ca),
      .oidc: try AuthorizationServer(.okta(serverID: "other"), authority: ca),
    ]
    manifests = try TemporaryDirectory()
    try Self.writeFederations(to: manifests, cluster, providers, ca)
    try manifests.write(ManifestText.store("app", [("password", password)]), to: "store.yaml")
    try Self.writeGrants(to: manifests, cluster, providers, by: .first)
    let certificate = try ca.issue(label: "federation")
    var configuration = ServerConfiguration(
      manifestDirectory: manifests.path, host: "127.0.0.1", port: 0, certificateFile: certificate.certificateFile,
      keyFile: certificate.keyFile)
    configuration.allowLoad()
    configuration.loops = 1
    configuration.watchesManifests = false
    server = try await FederationServer.start(configuration, log: Log(level: .error))
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let port = server.address.port
    ttrpc = try await TTRPCClient.connect(try .loopback(port, TTRPCClient.alpn, ca: ca), group: group)
    grpc = try await GRPCClient.connect(try .loopback(port, GRPCClient.alpn, ca: ca), group: group)
    http = try HTTPClient(log: Log(level: .error))
    var good: [Method: String] = [:]
    for method in Method.allCases { good[method] = try Self.token(method, .valid, cluster, providers) }
    self.good = good
  }

  /// Changes the secret, which the next reload finds.
  func put(_ password: String) throws {
    try manifests.write(ManifestText.store("app", [("password", password)]), to: "store.yaml")
  }

  func reload() { server.reload() }

  /// Where the server is, whose certificate the file's authority signed, as it did the issuers'.
  var url: String { "https://127.0.0.1:\(server.address.port)" }
  var certificateFile: String { ca.certificateFile }
  /// Okta's side, to which `app` may prove itself by a key that is registered.
  var okta: AuthorizationServer {
    get throws {
      guard let server = providers[.okta] else { throw TestSupportError("there is no Okta") }
      return server
    }
  }

  /// Leaves `app` the grant of one federation of each kind, or none; another subject of each issuer keeps its own.
  func grant(_ federation: Federation?) throws {
    try Self.writeGrants(to: manifests, cluster, providers, by: federation)
    server.reload()
  }

  /// A ttrpc connection that Authenticate has bound to the bearer of `token`.
  func bind(_ token: String) async throws -> TTRPCClient {
    let client = try await TTRPCClient.connect(.loopback(server.address.port, TTRPCClient.alpn, ca: ca), group: group)
    try await bind(client, token)
    return client
  }

  func bind(_ client: TTRPCClient, _ token: String) async throws {
    _ = try await FederationRPCClient(client: client).authenticate(
      .init(caCertificates: ca.certificatePEM), credentials: .init(token: token))
  }

  /// Has every issuer publish another key in the place of the one that signed all tokens so far.
  func withdrawKeys() throws {
    cluster.rotate(to: try TestSigningKey(keyID: "next"))
    for provider in providers.values { provider.rotate(to: try TestSigningKey(keyID: "next", algorithm: .rs256)) }
  }

  /// A token that is signed by the key of now, unlike ``token(_:_:)``'s good one.
  func freshToken(_ method: Method) throws -> String { try Self.token(method, .valid, cluster, providers) }

  func token(_ method: Method, _ condition: IdentityMatrixTests.Condition) throws -> String {
    if condition.expected == Self.granted || condition.grant != .first, let token = good[method] { return token }
    return try Self.token(method, condition, cluster, providers)
  }

  private static let granted = Result<String, RPCError>.success("s3cret")

  func ask(_ token: String, over wire: Wire) async throws -> Result<String, RPCError> {
    switch wire {
    case .ttrpc: return await ask(token, by: ttrpc)
    case .grpc: return await ask(token, by: grpc)
    case .http:
      let question = HTTPQuestion(
        authorization: "Bearer \(token)", store: "app", secret: "password", certificates: ca.certificatePEM)
      let response = try await http.send(
        question.request(
          origin: "https://127.0.0.1:\(server.address.port)", serverCertificates: ca.certificatePEM))
      let text = try JSONValue.parse(response.body).string ?? ""
      switch (response.status, text) {
      case (200, _): return .success(text)
      case (401, "Unauthorized"): return .failure(.unauthenticated)
      case (404, "Not Found"): return .failure(.notAuthorized)
      default: return .failure(RPCError(.unknown, "\(response.status) \(text)"))
      }
    }
  }

  func stop() async {
    http.close()
    await group.shutDown(graceSeconds: 0)
    await server.stop()
  }

  /// Asks on a connection of the caller's own, without a token where there is none.
  func ask(_ token: String?, by client: any RPCCalling) async -> Result<String, RPCError> {
    let request = GetSecretRequest(store: "app", name: "password", caCertificates: ca.certificatePEM)
    do throws(RPCError) {
      let answer = try await client.call(
        service: "federation.v1.FederationService", method: "GetSecret", payload: try request.protobuf(),
        metadata: token.map { [("authorization", "Bearer \($0)")] } ?? [], timeoutNanoseconds: nil)
      return .success(try GetSecretResponse.value(protobuf: answer.span.bytes).text ?? "")
    } catch {
      return .failure(error)
    }
  }

  private static func token(
    _ method: Method, _ condition: IdentityMatrixTests.Condition, _ cluster: OIDCIssuer,
    _ providers: [Method: AuthorizationServer]
  ) throws -> String {
    var overrides: [String: JSONValue] = ["aud": .string(audience)]
    switch condition {
    case .valid, .revoked, .twin, .foreign, .wrongSubject: break
    case .expired:
      for name in ["iat", "nbf"] { overrides[name] = .number(Double(WallClock.nowSeconds - 7_200)) }
      overrides["exp"] = .number(Double(WallClock.nowSeconds - 3_600))
    case .wrongAudience: overrides["aud"] = "another-service"
    case .wrongIssuer: overrides["iss"] = "https://elsewhere.example"
    }
    let subject = condition == .wrongSubject ? "stranger" : "app"
    guard let provider = providers[method] else {
      return try cluster.token(cluster.claims(serviceAccount: subject).overriding(overrides.mapValues { $0 }))
    }
    let members = overrides.map { (JSONName($0.key), Optional($0.value)) }
    return try provider.token(subject: subject, overrides: Dictionary(uniqueKeysWithValues: members))
  }

  private static func writeFederations(
    to directory: TemporaryDirectory, _ cluster: OIDCIssuer, _ providers: [Method: AuthorizationServer],
    _ ca: TestCertificateAuthority
  ) throws {
    let bundle = Data(ca.certificatePEM).base64EncodedString()
    func federation(_ method: Method, _ fields: String) -> String {
      Federation.allCases.map { federation in
        """
        apiVersion: identity.federation.external-secrets.io/v1alpha1
        kind: \(kind(method))
        metadata: {name: \(federation.rawValue)}
        spec: {\(fields), audiences: [\(federation == .foreign ? "elsewhere" : audience)], caBundle: \(bundle)}
        ---

        """
      }.joined()
    }
    let okta = providers[.okta]?.url ?? ""
    let ping = providers[.pingidentity]?.endpoints.issuer ?? ""
    let oidc = providers[.oidc]?.endpoints.issuer ?? ""
    let text =
      federation(.kubernetes, "url: \"\(cluster.url)\"") + federation(.okta, "domain: \"\(okta)\"")
      + federation(.pingidentity, "region: eu, environmentId: \(environment), issuer: \"\(ping)\"")
      + federation(.oidc, "issuer: \"\(oidc)\"")
    try directory.write(text, to: "federations.yaml")
  }

  private static func writeGrants(
    to directory: TemporaryDirectory, _ cluster: OIDCIssuer, _ providers: [Method: AuthorizationServer],
    by federation: Federation?
  ) throws {
    var text = ""
    for method in Method.allCases {
      let issuer = providers[method]?.endpoints.issuer ?? cluster.issuer
      let prefix = method == .kubernetes ? "system:serviceaccount:apps:" : ""
      let grants = [("keeper", Federation.first)] + (federation.map { [("app", $0)] } ?? [])
      for (subject, federation) in grants {
        text += """
          apiVersion: federation.external-secrets.io/v1alpha1
          kind: Authorization
          metadata: {name: \(method.rawValue)-\(subject)}
          spec:
            federationRef: {kind: \(kind(method)), name: \(federation.rawValue)}
            subject: {oidc: {issuer: "\(issuer)", subject: "\(prefix)\(subject)"}}
            allowedClusterSecretStores: [app]
          ---

          """
      }
    }
    try directory.write(text, to: "grants.yaml")
  }

  private static func kind(_ method: Method) -> String {
    switch method {
    case .kubernetes: "KubernetesFederation"
    case .okta: "OktaFederation"
    case .pingidentity: "PingIdentityFederation"
    case .oidc: "OIDCFederation"
    }
  }
}
