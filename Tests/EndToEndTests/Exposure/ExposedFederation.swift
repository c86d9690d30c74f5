import FederationAPI
import Foundation
import HTTP1
import JSON
import TestSupport
import Testing

/// A server process that holds secrets of every kind, with what it depends on.
final class ExposedFederation: Sendable {
  static let generators = ["Fake", "Password", "SSHKey", "BasicAuth", "MFA", "Webhook"].map {
    GeneratorReference(namespace: "apps", kind: $0, name: "it")
  }
  /// A name of the manifests that is no secret: a search that does not find it finds nothing.
  static let control = "a-name-that-is-no-secret-of-anybody"

  let hidden = HiddenValues()
  let authority: TestCertificateAuthority
  let issuer: OIDCIssuer
  let key: TestSigningKey
  let process: ChildProgram
  let port: UInt16
  private let webhook: HTTPSServer
  private let directory: TemporaryDirectory

  init() async throws {
    let hidden = hidden
    authority = try TestCertificateAuthority()
    key = try TestSigningKey()
    issuer = try OIDCIssuer.start(
      certificate: authority.issue(label: "issuer"), keySet: TestSigningKey.keySet([key]), requiresToken: true)
    webhook = try HTTPSServer(authority: authority) { request in
      guard request.head.fields["authorization"] != nil else { return HTTPServerResponse(status: 401) }
      let answer = "{\"password\": \"\(hidden.text("value of the webhook"))\"}"
      return HTTPServerResponse(status: 200, body: .plain(Array(answer.utf8)))
    }
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: directory.path + "/manifests", withIntermediateDirectories: true)
    let put = try ChildProgram(
      product: "federation-server",
      arguments: ["secret", "put", "--data", directory.path + "/data", "vault", "stored"],
      stdin: Array(hidden.text("value of the embedded store").utf8))
    #expect(await put.wait() == .status(0))
    hidden.add(
      "key of the embedded store", Array(try Data(contentsOf: URL(filePath: directory.path + "/data/secrets.key"))))
    let certificate = try authority.issue(label: "federation")
    let lines = String(decoding: certificate.keyPEM, as: UTF8.self).split(separator: "\n").dropFirst().dropLast()
    // What stands before its private number, 36 bytes in PKCS #8, is the same for all keys.
    hidden.add("TLS key in PEM", String(lines.joined().dropFirst(48).prefix(40)))
    hidden.add("TLS key", try Self.scalar(ofKey: lines.joined()))
    try Self.manifests(issuer.url, webhook.url, authority, hidden, round: 1)
      .write(to: URL(filePath: directory.path + "/manifests/all.yaml"), atomically: true, encoding: .utf8)
    process = try ChildProgram.server(
      certificate,
      [
        "--config", directory.path + "/manifests", "--data", directory.path + "/data", "--loops", "2", "--log-level",
        "debug",
      ])
    port = try await process.servedPort()
  }

  /// The private number of an EC key in PKCS #8: 32 bytes behind version 1 (RFC 5915).
  private static func scalar(ofKey base64: String) throws -> [UInt8] {
    let der = Array(try #require(Data(base64Encoded: base64)))
    let mark: [UInt8] = [0x02, 0x01, 0x01, 0x04, 0x20]
    let start = try #require(der.indices.first { der[$0...].starts(with: mark) })
    return Array(der[(start + mark.count)...].prefix(32))
  }

  /// Replaces every value of the manifests, and waits until the server has read them.
  func reload() async throws {
    let text = Self.manifests(issuer.url, webhook.url, authority, hidden, round: 2)
    try text.write(to: URL(filePath: directory.path + "/fresh.yaml"), atomically: true, encoding: .utf8)
    guard rename(directory.path + "/fresh.yaml", directory.path + "/manifests/all.yaml") == 0 else {
      throw TestSupportError("rename failed")
    }
    // The server watches the directory.
    _ = try await process.stderr.waitForLine(containing: "\"event\":\"manifests_reloaded\"")
  }

  /// A token of the service account `account` that no other test's is like.
  func token(_ name: String, _ account: String = "app", lifetime: Int64 = 3_600) throws -> String {
    let claims = ServiceAccountClaims(issuer: issuer.url, serviceAccount: account, lifetime: lifetime)
    return hidden.add(name, token: try key.token(claims.overriding(["jti": .string(UUID().uuidString)])))
  }

  func stop() async {
    process.signal(SIGTERM)
    #expect(await process.wait() == .status(0))
    await issuer.stop()
    await webhook.stop()
  }

  private static func manifests(
    _ issuer: String, _ webhook: String, _ authority: TestCertificateAuthority, _ hidden: HiddenValues, round: Int
  ) -> String {
    let granted = generators.map { "{namespace: apps, kind: \($0.kind), name: it}" }.joined(separator: ", ")
    let document = "{\"password\":\"\(hidden.text("member of round \(round)"))\"}"
    let kinds = [
      ("Fake", "{data: {password: \"\(hidden.text("value of the generator Fake of round \(round)"))\"}}"),
      ("Password", "{length: 40, allowRepeat: true}"), ("SSHKey", "{keyType: ed25519}"),
      ("BasicAuth", "{password: {length: 40, allowRepeat: true}}"), ("MFA", "{secret: {name: backend, key: seed}}"),
      (
        "Webhook",
        """
        {url: "\(webhook)/it?x={{ .vendor.query }}", headers: {Authorization: "Bearer {{ .vendor.token }}"},
            body: '{"secret":{{ .vendor.body | toJson }}}', method: POST, caBundle: \(Data(authority.certificatePEM).base64EncodedString()),
            secrets: [{name: vendor, secretRef: {name: backend}}]}
        """
      ),
    ]
    return """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: \(control)}
      spec: {url: "\(issuer)"}
      ---
      \(ManifestText.authorization("app", control, issuer: issuer, stores: ["app", "vault"]))  allowedGenerators: [\(granted)]
      ---
      \(ManifestText.store("app", [
        ("plain", hidden.text("value of round \(round)", of: HiddenValues.symbols)),
        ("long", hidden.text("long value of round \(round)", count: 20_000)), ("document", document),
      ]))
      ---
      \(ManifestText.store("other", [("plain", hidden.text("value that nobody asks for of round \(round)"))]))
      ---
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: vault}
      spec: {provider: {local: {}}}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: backend, namespace: apps}
      stringData:
        seed: \(hidden.text("seed of round \(round)", count: 32, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
        token: \(hidden.text("token for the webhook of round \(round)"))
        query: "\(hidden.text("query for the webhook of round \(round)", of: HiddenValues.symbols))"
      data:
        body: \(Data(hidden.text("body for the webhook of round \(round)", of: HiddenValues.symbols).utf8).base64EncodedString())

      """
        + kinds.map { kind, spec in
          """
          ---
          apiVersion: generators.external-secrets.io/v1alpha1
          kind: \(kind)
          metadata: {name: it, namespace: apps}
          spec: \(spec)

          """
        }.joined()
  }
}
