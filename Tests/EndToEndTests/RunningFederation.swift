import FederationServer
import Foundation
import HTTPClient
import JSON
import Logging
import TestSupport

/// One cluster and one server for a test that changes them, asked over HTTP.
final class RunningFederation: Sendable {
  static let issuerName = "https://cluster.example"
  let ca: TestCertificateAuthority
  let key: TestSigningKey
  let issuer: OIDCIssuer
  let server: FederationServer
  let manifests: TemporaryDirectory
  private let client: HTTPClient

  /// Starts both; the service account `app` may read the store `app`, which holds `password`.
  init(
    requiresToken: Bool = false, watchesManifests: Bool = false,
    configure: @Sendable (inout ServerConfiguration) -> Void = { _ in }
  ) async throws {
    ca = try TestCertificateAuthority()
    key = try TestSigningKey()
    issuer = try OIDCIssuer.start(
      certificate: ca.issue(label: "issuer"), issuer: Self.issuerName, keySet: TestSigningKey.keySet([key]),
      requiresToken: requiresToken)
    manifests = try TemporaryDirectory()
    try manifests.write(ManifestText.federation("cluster", issuer.url), to: "federation.yaml")
    try manifests.write(ManifestText.store("app", [("password", "s3cret")]), to: "store.yaml")
    try Self.grant(["app"], in: manifests)
    let certificate = try ca.issue(label: "federation")
    var configuration = ServerConfiguration(
      manifestDirectory: manifests.path, host: "127.0.0.1", port: 0, certificateFile: certificate.certificateFile,
      keyFile: certificate.keyFile)
    configuration.allowLoad()
    configuration.loops = 1
    configuration.watchesManifests = watchesManifests
    configure(&configuration)
    server = try await FederationServer.start(configuration, log: Log(level: .error))
    client = try HTTPClient(log: Log(level: .error))
  }

  /// Replaces the one Authorization; none at all when `stores` is nil.
  func grant(_ stores: [String]?) throws {
    try Self.grant(stores, in: manifests)
    server.reload()
  }

  private static func grant(_ stores: [String]?, in manifests: TemporaryDirectory) throws {
    let grant = stores.map { ManifestText.authorization("grant", "cluster", issuer: issuerName, stores: $0) }
    try manifests.write(grant ?? "", to: "grant.yaml")
  }

  /// A good token of `app` that differs from all before.
  func token(_ claims: [String: JSONValue?] = [:]) throws -> String {
    let unique = ServiceAccountClaims(issuer: Self.issuerName).overriding(["jti": .string(UUID().uuidString)])
    return try key.token(unique.overriding(claims))
  }

  /// Asks for `secret` of `store`; with `body` nil the CA bundle is sent as documented.
  func ask(
    _ token: String, body: String? = nil, store: String = "app", secret: String = "password"
  ) async throws -> HTTPResponse {
    try await ask(authorization: "Bearer \(token)", body: body, store: store, secret: secret)
  }

  /// The same with the header as it is to be, none when it is nil.
  func ask(
    authorization: String?, body: String? = nil, store: String = "app", secret: String = "password"
  ) async throws -> HTTPResponse {
    let question = HTTPQuestion(
      authorization: authorization, store: store, secret: secret, certificates: ca.certificatePEM)
    var request = question.request(
      origin: "https://127.0.0.1:\(server.address.port)", serverCertificates: ca.certificatePEM)
    if let body { request.body = Array(body.utf8) }
    return try await client.send(request)
  }

  /// Ends the server and the issuer.
  func stop() async {
    await server.stop()
    await issuer.stop()
    client.close()
  }
}
