import Crypto
import FederationAPI
import Foundation
import HTTP1
import JSON
import Logging
import TestSupport
import Transport

/// Vault, AWS, Google, a cluster and a webhook behind one address, as stores of a server ask them. Each gives its value to
/// who shows the credential of its manifest, or the session that came of it, and to nobody else.
final class ExposedBackends: Sendable {
  /// The stores, in the order of their manifests.
  static let stores = ["vault-role", "vault-token", "aws", "google", "cluster", "hook"]

  private let server: HTTPSServer
  /// The same without TLS: AWS and Google are trusted by the system's roots alone.
  private let plain: (group: EventLoopGroup, url: String)
  private let authority: TestCertificateAuthority
  private let credentials: Credentials
  private let clientCertificate: TestCertificateAuthority.ServerCertificate

  private struct Credentials: Sendable {
    let vaultSecretID, vaultToken, awsKeyID, awsKey, awsSession, clusterToken, hookToken: String
    let googleKey: [UInt8]
  }

  init(_ authority: TestCertificateAuthority, _ hidden: HiddenValues) throws {
    self.authority = authority
    let google = try PrivateKey.generateRSA().pem.copied
    try hidden.add("key of Google's service account", keyPEM: google)
    let credentials = Credentials(
      vaultSecretID: hidden.text("secret_id of Vault"), vaultToken: hidden.text("token of Vault"),
      awsKeyID: "AKIAIOSFODNN7EXAMPLE", awsKey: hidden.text("secret access key of AWS"),
      awsSession: hidden.text("session token of AWS"), clusterToken: hidden.text("bearer token of a cluster"),
      hookToken: hidden.text("header of a webhook"), googleKey: google)
    self.credentials = credentials
    clientCertificate = try authority.issue(hosts: ["vault-client"], usage: "clientAuth", label: "vault-client")
    try hidden.add("key of Vault's client certificate", keyPEM: clientCertificate.keyPEM)
    let answers = Self.answers(credentials, hidden)
    let respond: @Sendable (HTTPServerRequest) async -> HTTPServerResponse = { request in
      let fields = request.head.fields
      let target = fields["x-amz-target"].map { " \($0)" } ?? ""
      guard let answer = answers["\(request.head.method) \(request.head.path)\(target)"] else {
        return HTTPServerResponse(status: 404)
      }
      let shown = answer.field.isEmpty ? String(decoding: request.body, as: UTF8.self) : fields[answer.field] ?? ""
      guard shown.contains(answer.proof) else { return HTTPServerResponse(status: 403) }
      return HTTPServerResponse(
        status: 200, fields: [.init("Content-Type", "application/json")], body: .plain(answer.body.encoded()))
    }
    server = try HTTPSServer(authority: authority, respond: respond)
    let log = Log(level: .error)
    let group = try EventLoopGroup(loops: 1, log: log)
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in
      HTTP1ServerConnection(responder: ClosureResponder(respond: respond), limits: HTTP1Limits(), log: log)
    }
    plain = (group, "http://127.0.0.1:\(address.port)")
  }

  func stop() async {
    await server.stop()
    await plain.group.shutDown(graceSeconds: 0)
  }

  // MARK: What is asked

  private struct Answer: Sendable {
    /// The header field that has to hold `proof`; empty for the body.
    let field: String
    let proof: String
    let body: JSONValue
  }

  private static func answers(_ credentials: Credentials, _ hidden: HiddenValues) -> [String: Answer] {
    let (session, access) = (hidden.text("session of Vault"), hidden.text("access token of Google"))
    func value(_ store: String) -> String { hidden.text("value of \(store)") }
    func base64(_ text: String) -> JSONValue { .string(Data(text.utf8).base64EncodedString()) }
    return [
      "POST /v1/auth/approle/login": Answer(
        field: "", proof: credentials.vaultSecretID,
        body: ["auth": ["client_token": .string(session), "lease_duration": 3600, "renewable": true]]),
      "GET /v1/auth/token/lookup-self": Answer(
        field: "x-vault-token", proof: credentials.vaultToken, body: ["data": ["ttl": 0, "renewable": false]]),
      "GET /v1/role/data/it": Answer(
        field: "x-vault-token", proof: session,
        body: ["data": ["data": ["password": .string(value("vault-role"))], "metadata": ["version": 1]]]),
      "GET /v1/token/data/it": Answer(
        field: "x-vault-token", proof: credentials.vaultToken,
        body: ["data": ["data": ["password": .string(value("vault-token"))], "metadata": ["version": 1]]]),
      "GET /v1/database/creds/it": Answer(
        field: "x-vault-token", proof: session,
        body: [
          "lease_id": "database/creds/it/1", "lease_duration": 3600, "renewable": true,
          "data": ["password": .string(value("a lease of Vault"))],
        ]),
      "PUT /v1/sys/leases/revoke": Answer(field: "x-vault-token", proof: session, body: [:]),
      "POST / secretsmanager.GetSecretValue": Answer(
        field: "x-amz-security-token", proof: credentials.awsSession,
        body: ["SecretString": .string(value("aws")), "VersionId": "v1", "Name": "it"]),
      "POST /token": Answer(
        field: "", proof: "assertion=", body: ["access_token": .string(access), "expires_in": 3599]),
      "GET /v1/projects/p/secrets/it/versions/latest:access": Answer(
        field: "authorization", proof: "Bearer \(access)",
        body: ["name": "projects/p/secrets/it/versions/1", "payload": ["data": base64(value("google"))]]),
      "GET /api/v1/namespaces/apps/secrets/it": Answer(
        field: "authorization", proof: "Bearer \(credentials.clusterToken)",
        body: [
          "kind": "Secret", "metadata": ["name": "it", "resourceVersion": "1"],
          "data": ["password": base64(value("cluster"))],
        ]),
      "GET /hook/it": Answer(
        field: "authorization", proof: "Bearer \(credentials.hookToken)", body: .string(value("hook"))),
    ]
  }

  // MARK: Manifests

  /// The stores, a generator `VaultDynamicSecret` called `it` in the namespace `apps`, and their Secrets.
  var manifests: String {
    let bundle = Data(authority.certificatePEM).base64EncodedString()
    func store(_ name: String, _ provider: String) -> String {
      """
      ---
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: \(name)}
      spec: {provider: {\(provider)}}

      """
    }
    let vault = "server: \(server.url), caBundle: \(bundle)"
    let role = "auth: {appRole: {roleId: it, secretRef: {name: stores, key: secretID, namespace: apps}}}"
    let tls =
      "tls: {certSecretRef: {name: stores, key: certificate, namespace: apps}, "
      + "keySecretRef: {name: stores, key: key, namespace: apps}}"
    let keys = [("accessKeyID", "awsID"), ("secretAccessKey", "awsKey"), ("sessionToken", "awsSession")]
      .map { "\($0.0)SecretRef: {name: stores, key: \($0.1), namespace: apps}" }.joined(separator: ", ")
    let cluster = "{token: {bearerToken: {name: stores, key: cluster, namespace: apps}}}"
    let account = "{secretRef: {secretAccessKeySecretRef: {name: stores, key: google, namespace: apps}}}"
    return store("vault-role", "vault: {\(vault), path: role, \(role), \(tls)}")
      + store(
        "vault-token",
        "vault: {\(vault), path: token, auth: {tokenSecretRef: {name: stores, key: token, namespace: apps}}}")
      + store(
        "aws",
        "aws: {service: SecretsManager, region: eu-west-1, endpoint: \(plain.url), "
          + "auth: {secretRef: {\(keys)}}}")
      + store("google", "gcpsm: {projectID: p, endpoint: \(plain.url), auth: \(account)}")
      + store(
        "cluster",
        "kubernetes: {remoteNamespace: apps, server: {url: \(server.url), caBundle: \(bundle)}, auth: \(cluster)}")
      + store(
        "hook",
        "webhook: {url: \"\(server.url)/hook/{{ .remoteRef.key }}\", caBundle: \(bundle), headers: {Authorization: "
          + "\"Bearer {{ .stores.hook }}\"}, secrets: [{name: stores, secretRef: {name: stores, namespace: apps}}]}")
        + """
        ---
        apiVersion: generators.external-secrets.io/v1alpha1
        kind: VaultDynamicSecret
        metadata: {name: it, namespace: apps}
        spec: {path: database/creds/it, provider: {\(vault), auth: {appRole: {roleId: it, secretRef: {name: stores, key: secretID}}}}}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: stores, namespace: apps}
        data: {\(secrets.map { "\($0): \(Data($1).base64EncodedString())" }.joined(separator: ", "))}

        """
  }

  private var secrets: [(String, [UInt8])] {
    let account: JSONValue = [
      "type": "service_account", "client_email": "it@p", "private_key_id": "1",
      "private_key": .string(String(decoding: credentials.googleKey, as: UTF8.self)),
      "token_uri": .string(plain.url + "/token"),
    ]
    let texts = [
      ("secretID", credentials.vaultSecretID), ("token", credentials.vaultToken), ("awsID", credentials.awsKeyID),
      ("awsKey", credentials.awsKey), ("awsSession", credentials.awsSession), ("cluster", credentials.clusterToken),
      ("hook", credentials.hookToken),
    ]
    return texts.map { ($0, Array($1.utf8)) } + [
      ("google", account.encoded()), ("certificate", clientCertificate.certificatePEM),
      ("key", clientCertificate.keyPEM),
    ]
  }
}
