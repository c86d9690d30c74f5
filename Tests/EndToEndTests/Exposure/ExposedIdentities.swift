import FederationAPI
import Foundation
import HTTPClient
import JSON
import TestSupport

/// Issuers beside the cluster: Okta, PingOne and another, and a trust domain, with what the server itself shows to them.
final class ExposedIdentities: Sendable {
  static let id = "spiffe://example.org/shop/ns/apps/sa/sa-1/shop/pod/pod-2/shop-0"
  private static let environment = "11111111-2222-4333-8444-555555555555"
  private static let subject = "client"

  let serverSVID: TestCertificateAuthority.IssuedSVID
  let mesh: TestCertificateAuthority
  private let authority: TestCertificateAuthority
  private let okta: AuthorizationServer
  private let ping: AuthorizationServer
  private let other: AuthorizationServer
  private let hidden: HiddenValues
  private let oktaToken: String
  private let workerSecret: String

  init(_ authority: TestCertificateAuthority, _ hidden: HiddenValues) async throws {
    (self.authority, self.hidden) = (authority, hidden)
    mesh = try TestCertificateAuthority(name: "Mesh")
    var fields = TestCertificateAuthority.SVIDFields("spiffe://example.org/federation")
    fields.names.append("DNS:localhost")
    serverSVID = try mesh.issueSVID(fields)
    try hidden.add("key of the server's SVID", keyPEM: serverSVID.keyPEM)
    okta = try AuthorizationServer(.okta(serverID: "default"), authority: authority)
    ping = try AuthorizationServer(.pingIdentity(environmentID: Self.environment), authority: authority)
    other = try AuthorizationServer(.okta(serverID: "other"), authority: authority)
    oktaToken = hidden.text("API token of Okta")
    workerSecret = hidden.text("client secret of PingOne's worker")
    okta.setManagement(token: oktaToken, workerSecret: "none")
    ping.setManagement(token: hidden.text("token of PingOne's worker"), workerSecret: workerSecret)
    okta.setApplication(Self.subject, ["status": "ACTIVE"])
    ping.setApplication(Self.subject, ["enabled": true])
  }

  func stop() async {
    for server in [okta, ping, other] { await server.server.stop() }
  }

  /// A caller's token of each issuer, which differs from all before.
  func tokens(_ round: String) throws -> [(method: String, token: String)] {
    try [("okta", okta), ("pingidentity", ping), ("oidc", other)].map { method, server in
      let token = try server.token(subject: Self.subject, overrides: ["jti": .string(UUID().uuidString)])
      return (method, hidden.add("token of \(method) in \(round)", token: token))
    }
  }

  /// Tokens that claim to be of each issuer, which another key signed.
  func forgeries() throws -> [String] {
    let stranger = try TestSigningKey(algorithm: .rs256)
    return try [okta, ping, other].map { server in
      let overrides: [JSONName: JSONValue?] = ["jti": .string(UUID().uuidString)]
      let token = try server.token(subject: Self.subject, overrides: overrides, key: stranger)
      return hidden.add("token that another key than \(server.endpoints.issuer)'s signed", token: token)
    }
  }

  /// Waits until the server has asked both management APIs for an identity that holds a credential.
  func waitForManagement() async throws {
    let deadline = ContinuousClock.now + .seconds(90)
    while !(asked(okta, "SSWS ") && asked(ping, "Bearer ")) {
      guard ContinuousClock.now < deadline else { throw TestSupportError("no management API was asked") }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func asked(_ server: AuthorizationServer, _ scheme: String) -> Bool {
    server.requests.contains { $0.authorization?.hasPrefix(scheme) == true && $0.path.contains("/\(Self.subject)") }
  }

  func write(to path: String) throws {
    try manifests.write(to: URL(filePath: path), atomically: true, encoding: .utf8)
  }

  private var manifests: String {
    func base64(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }
    func federation(_ kind: String, _ fields: String) -> String {
      """
      ---
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: \(kind)
      metadata: {name: it}
      spec: {\(fields)}

      """
    }
    func grant(_ kind: String, _ subject: String) -> String {
      """
      ---
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: \(kind.lowercased())}
      spec:
        federationRef: {kind: \(kind), name: it}
        subject: {\(subject)}
        allowedClusterSecretStores: [\(ExposedFederation.grantedStores.joined(separator: ", "))]
        allowedGenerators: [\(ExposedFederation.grantedGenerators)]

      """
    }
    let common = "audiences: [ese-federation], caBundle: \(base64(authority.certificatePEM))"
    let api = "clientIdSecretRef: {name: identities, key: worker}, clientSecretRef: {name: identities, key: secret}"
    let issuers = [("OktaFederation", okta), ("PingIdentityFederation", ping), ("OIDCFederation", other)]
    return federation(
      "OktaFederation",
      "domain: \"\(okta.url)\", \(common), managementAPI: {apiTokenSecretRef: {name: identities, key: okta}}")
      + federation(
        "PingIdentityFederation",
        "region: eu, environmentId: \(Self.environment), issuer: \"\(ping.endpoints.issuer)\", \(common), "
          + "managementAPI: {url: \"\(ping.url)/v1\", \(api)}")
      + federation("OIDCFederation", "issuer: \"\(other.endpoints.issuer)\", \(common)")
      + federation("SpiffeFederation", "trustDomain: example.org, trustBundle: \(base64(mesh.certificatePEM))")
      + issuers.map { kind, server in
        grant(kind, "oidc: {issuer: \"\(server.endpoints.issuer)\", subject: \(Self.subject)}")
      }.joined() + grant("SpiffeFederation", "spiffe: {spiffeID: \"\(Self.id)\"}")
        + """
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: identities, namespace: external-secrets}
        data: {okta: \(base64(oktaToken.utf8)), worker: \(base64("worker".utf8)), secret: \(base64(workerSecret.utf8))}

        """
  }
}
