import FederationAPI
import HTTPClient
import Identity
import Logging
import Resources
import SecretStores
import TestSupport
import Testing

@testable import Service

/// Handlers over a real issuer, with one subject that may read store `fake` and a store that is not configured.
private struct World {
  let authority: TestCertificateAuthority
  let issuer: OIDCIssuer
  let key: TestSigningKey
  let handlers: FederationHandlers
  let client: HTTPClient

  init() throws {
    authority = try TestCertificateAuthority()
    key = try TestSigningKey()
    issuer = try OIDCIssuer.start(certificate: authority.issue(), keySet: TestSigningKey.keySet([key]))
    let log = Log(level: .error)
    client = try HTTPClient(log: log)
    handlers = FederationHandlers(
      snapshot: World.snapshot(issuer.url, generation: 1, stores: ["fake", "ghost"]),
      authenticator: Authenticator(client: client, log: log), log: log)
  }

  static func snapshot(_ issuer: String, generation: UInt64, stores: [String]) -> ServiceSnapshot {
    let text = """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: a}
      spec: {url: "\(issuer)"}
      ---
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: app}
      spec:
        federationRef: {kind: KubernetesFederation, name: a}
        subject: {oidc: {issuer: "\(issuer)", subject: "system:serviceaccount:apps:app"}}
        allowedClusterSecretStores: [\(stores.joined(separator: ", "))]
      ---
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: fake}
      spec: {provider: {fake: {data: [{key: db, value: hunter2}]}}}

      """
    let directory = try? TemporaryDirectory()
    _ = try? directory?.write(text, to: "all.yaml")
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory?.path ?? "")
    #expect(!diagnostics.contains { $0.severity == .error })
    return ServiceSnapshot(
      generation: generation, manifests: manifests, local: nil, generators: NoGenerators(), log: Log(level: .error))
  }

  func call(workloadToken: String? = nil, isKnown: Bool = true, binding: ConnectionIdentity? = nil) throws
    -> CallContext
  {
    let token = try key.token(ServiceAccountClaims(issuer: issuer.url))
    return CallContext(
      authorization: isKnown ? "Bearer \(token)" : nil, workloadToken: workloadToken, peer: "test", binding: binding)
  }

  func get(_ store: String, _ name: String, _ call: CallContext) async -> Result<SecretBytes, RPCError> {
    let request = GetSecretRequest(store: store, name: name, caCertificates: authority.certificatePEM)
    return await handlers.getSecret(request, call).result()
  }

  func close() async {
    client.close()
    await issuer.stop()
  }
}

@Suite struct FederationHandlersTests {
  @Test("a granted secret arrives, and what is missing on the way is told in its order")
  func order() async throws {
    let world = try World()
    let call = try world.call()
    #expect(await world.get("fake", "db", call) == .success(SecretBytes("hunter2")))
    // Who is not known learns nothing else, whatever else is wrong.
    #expect(await world.get("", "", try world.call(workloadToken: "x", isKnown: false)) == .failure(.unauthenticated))
    let malformed = await world.get("fake", "db", try world.call(workloadToken: "no token"))
    guard case .failure(let error) = malformed else { return #expect(Bool(false), "accepted") }
    #expect(error.code == .invalidArgument && error.message.hasPrefix("invalid x-workload-token: "))
    #expect(await world.get("", "db", call) == .failure(RPCError(.invalidArgument, "store is required")))
    #expect(await world.get("fake", "", call) == .failure(RPCError(.invalidArgument, "name is required")))
    #expect(await world.get("other", "db", call) == .failure(.notAuthorized))
    let long = String(repeating: "k", count: Limits.secretName + 1)
    #expect(
      await world.get("fake", long, call) == .failure(RPCError(.invalidArgument, "name is longer than 1024 bytes")))
    guard case .failure(let ghost) = await world.get("ghost", "db", call) else {
      return #expect(Bool(false), "a store that is not configured answered")
    }
    #expect(ghost.code == .failedPrecondition)
    await world.close()
  }

  @Test("D11: an x-workload-token of another workload neither adds to nor replaces what the caller proved")
  func workloadTokenProvesNothing() async throws {
    let world = try World()
    let other = ServiceAccountClaims(issuer: world.issuer.url, namespace: "other", serviceAccount: "admin")
    let claimed = try world.call(workloadToken: try world.key.token(other))
    let bundle = world.authority.certificatePEM
    let identity = try await world.handlers.verify(claimed, caCertificates: bundle).result().get()
    // The same token: one minted a moment later may expire a second later.
    var plain = claimed
    plain.workloadToken = nil
    #expect(identity == (try await world.handlers.verify(plain, caCertificates: bundle).result().get()))
    #expect(identity.kubernetes?.namespace == "apps")
    #expect(await world.get("fake", "db", claimed) == .success(SecretBytes("hunter2")))
    #expect(await world.get("other", "db", claimed) == .failure(.notAuthorized))
    await world.close()
  }

  @Test("a replaced snapshot decides from the next request on, for tokens and for bound connections")
  func replacement() async throws {
    let world = try World()
    let binding = ConnectionIdentity()
    let bound = try world.call(isKnown: false, binding: binding)
    let request = AuthenticateRequest(caCertificates: world.authority.certificatePEM)
    let identity = try await world.handlers.authenticate(request, world.call(binding: binding)).result().get()
    #expect(identity.subject == "system:serviceaccount:apps:app")
    #expect(await world.get("fake", "db", bound) == .success(SecretBytes("hunter2")))
    world.handlers.replace(World.snapshot(world.issuer.url, generation: 2, stores: []))
    #expect(world.handlers.generation == 2)
    #expect(await world.get("fake", "db", bound) == .failure(.notAuthorized))
    #expect(await world.get("fake", "db", try world.call()) == .failure(.notAuthorized))
    await world.close()
  }
}
