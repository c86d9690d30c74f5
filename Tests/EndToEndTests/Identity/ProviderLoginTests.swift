import Crypto
import FederationServer
import Foundation
import Logging
import TestSupport
import Testing

/// esi-cli against a federation server and an authorization server, all real: the client proves itself by a key of its
/// own, and its token opens a store.
@Suite(.timeLimit(.minutes(2))) struct ProviderLoginTests {
  private static let environment = "11111111-2222-4333-8444-555555555555"

  private func manifests(_ authorization: AuthorizationServer, kind: String, spec: String) -> String {
    """
    apiVersion: identity.federation.external-secrets.io/v1alpha1
    kind: \(kind)
    metadata: {name: provider}
    spec: {\(spec), audiences: [ese-federation], caBundle: "\(Data(authorization.caCertificates).base64EncodedString())"}
    ---
    apiVersion: federation.external-secrets.io/v1alpha1
    kind: Authorization
    metadata: {name: client}
    spec:
      federationRef: {kind: \(kind), name: provider}
      subject: {oidc: {issuer: "\(authorization.endpoints.issuer)", subject: client}}
      allowedClusterSecretStores: [app]
    ---

    """ + ManifestText.store("app", [("password", "s3cret")])
  }

  @Test(
    "client credentials open a store over every wire", arguments: ["okta", "pingidentity"], ["rpc", "grpc", "http"])
  func login(method: String, transport: String) async throws {
    let isOkta = method == "okta"
    let authorization = try AuthorizationServer(
      isOkta ? .okta(serverID: "default") : .pingIdentity(environmentID: Self.environment))
    let key = try PrivateKey.generate(for: .es256)
    authorization.register("client", key: key.publicKey)
    let spec =
      isOkta
      ? "domain: \"\(authorization.url)\""
      : "region: eu, environmentId: \(Self.environment), issuer: \"\(authorization.endpoints.issuer)\""
    let directory = try TemporaryDirectory()
    let text = manifests(authorization, kind: isOkta ? "OktaFederation" : "PingIdentityFederation", spec: spec)
    try directory.write(text, to: "manifests/all.yaml")
    let keyFile = try directory.write(try #require(try key.pem.text), to: "key.pem")
    let ca = try TestCertificateAuthority()
    let certificate = try ca.issue()
    var configuration = ServerConfiguration(
      manifestDirectory: directory.path + "/manifests", host: "127.0.0.1", port: 0,
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile)
    configuration.loops = 1
    configuration.watchesManifests = false
    let server = try await FederationServer.start(configuration, log: Log(level: .error))
    let flags =
      isOkta
      ? [
        "--okta-client-id=client", "--okta-private-key=\(keyFile)", "--okta-domain=\(authorization.url)",
        "--okta-auth-server=default",
      ]
      : [
        "--pingidentity-client-id=client", "--pingidentity-private-key=\(keyFile)", "--pingidentity-region=eu",
        "--pingidentity-environment-id=\(Self.environment)", "--pingidentity-issuer=\(authorization.endpoints.issuer)",
      ]
    func run(_ more: [String] = []) async throws -> ChildProgram {
      let esi = try ChildProgram(
        product: "esi-cli",
        arguments: [
          "--mode=init", "--federated-server-url=https://127.0.0.1:\(server.address.port)",
          "--federated-ca-crt=\(ca.certificateFile)", "--federated-auth=\(method)",
          "--federated-transport=\(transport)",
          "--federated-auth-ca-crt=\(try #require(authorization.server.authority).certificateFile)",
          "--inject-on-env=PASSWORD=app.password", "--binary-path=/usr/bin/env", "--args=-0",
        ] + flags + more, environment: [:])
      _ = await esi.wait()
      return esi
    }
    let good = try await run()
    #expect(ChildProgram.given(good.stdout.text.split(separator: "\0")) == ["PASSWORD=s3cret"])
    #expect(good.stderr.text.isEmpty)
    #expect(authorization.issuedTokens == 1)
    #expect(authorization.requests.allSatisfy { $0.authorization == nil })

    let other = try directory.write(try #require(try PrivateKey.generate(for: .es256).pem.text), to: "other.pem")
    let stranger = try await run(["--\(method)-private-key=\(other)"])
    #expect(await stranger.wait() == .status(1))
    #expect(stranger.stderr.text.contains("token endpoint returned status 401: invalid_client"))
    await server.stop()
  }
}
