import FederationAPI
import TestSupport
import Testing

@testable import FederationClient

/// ExternalSecrets over each wire: what is asked, and how often.
@Suite(.timeLimit(.minutes(1))) struct FederationClientResolveTests {
  private let authority: TestCertificateAuthority
  private let certificate: TestCertificateAuthority.ServerCertificate
  private let data = Array(#"[{"remoteRef":{"key":"b"},"secretKey":"a"}]"#.utf8)
  private let issuing = Array(#"[{"sourceRef":{"generatorRef":{"kind":"Fake","name":"f"}}}]"#.utf8)

  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
  }

  private func start(_ turns: [FakeGenerators.Turn] = []) throws -> FakeFederationServer {
    let service = FakeFederationService(secrets: [:], generators: FakeGenerators(turns: turns))
    return try FakeFederationServer.start(certificate: certificate, service: service)
  }

  private func client(_ server: FakeFederationServer, _ transport: FederationTransport) throws -> FederationClient {
    try FederationClient(
      configuration: FederationClientConfiguration(
        server: ServerAddress(parsing: server.url), transport: transport, token: .fixed("good-token"),
        caFile: authority.certificateFile, timeoutSeconds: 20))
  }

  @Test("both lists arrive with the store and the bundle", arguments: [FederationTransport.rpc, .http])
  func success(transport: FederationTransport) async throws {
    let server = try start()
    let client = try client(server, transport)
    let values = try await client.resolve(
      store: "vault", data: data, dataFrom: Array(#"[{"extract":{"key":"c"}}]"#.utf8))
    #expect(values == ["store": SecretBytes("vault")])
    let asked = try #require(server.service.generators.resolutions.first)
    #expect(asked.store == "vault" && asked.data == data && asked.caCertificates == authority.certificatePEM)
    #expect(asked.dataFrom == Array(#"[{"extract":{"key":"c"}}]"#.utf8))
    await client.close()
    await server.stop()
  }

  @Test("a server that cannot answer now is asked again", arguments: [FederationTransport.rpc, .http])
  func unavailable(transport: FederationTransport) async throws {
    let server = try start([.refuse(RPCError(.unavailable, "later"))])
    let client = try client(server, transport)
    #expect(try await client.resolve(store: "vault", data: data).count == 1)
    #expect(server.service.generators.resolutions.count == 2)
    await client.close()
    await server.stop()
  }

  @Test(
    "a connection that is lost ends a call with a generator, which may have issued a credential",
    arguments: [FederationTransport.rpc, .http])
  func lost(transport: FederationTransport) async throws {
    let server = try start([.hold])
    let client = try client(server, transport)
    async let outcome = failure(client)
    for await _ in server.service.generators.arrivals { break }
    await server.stop()
    let error = await outcome
    #expect(error?.code == .unknown)
    #expect(error?.message.contains("a credential may have been issued") == true)
    #expect(server.service.generators.resolutions.count == 1)
    await client.close()
  }

  @Test(
    "only a generatorRef makes a call one that issues",
    arguments: [
      (#"[{"sourceRef":{"generatorRef":{}}}]"#, true), (#"[{},{"sourceRef":{"generator\u0052ef":{}}}]"#, true),
      (#"[{"sourceRef":{"storeRef":{"name":"generatorRef"}}}]"#, false), ("", false), ("[", false),
    ])
  func generators(dataFrom: String, mayIssue: Bool) {
    #expect(FederationClient.namesGenerator(Array(dataFrom.utf8)) == mayIssue)
  }

  private func failure(_ client: FederationClient) async -> RPCError? {
    do throws(RPCError) {
      _ = try await client.resolve(store: "vault", dataFrom: issuing)
      return nil
    } catch {
      return error
    }
  }
}
