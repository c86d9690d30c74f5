import FederationAPI
import Synchronization
import TestSupport
import Testing

@testable import FederationClient

/// Generators over each wire: above all, how often one is asked.
@Suite(.timeLimit(.minutes(1))) struct FederationClientGeneratorTests {
  private let authority: TestCertificateAuthority
  private let certificate: TestCertificateAuthority.ServerCertificate
  private let db = GeneratorReference(namespace: "apps", kind: "PostgreSql", name: "db")
  private let odd = GeneratorReference(namespace: "a.b", kind: "Ü ?", name: "x/../y%2F")

  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
  }

  private func start(
    _ turns: [FakeGenerators.Turn] = [], revocationRefusals: [RPCError] = [], port: UInt16 = 0
  ) throws -> FakeFederationServer {
    let outputs = [
      db: ["username": SecretBytes("u"), "password": SecretBytes("p\"\n<ü>")], odd: ["k": SecretBytes("v")],
    ]
    let service = FakeFederationService(
      secrets: ["vault": ["k": SecretBytes("v")]],
      generators: FakeGenerators(outputs, turns: turns, revocationRefusals: revocationRefusals))
    return try FakeFederationServer.start(certificate: certificate, service: service, port: port)
  }

  private func client(
    _ server: FakeFederationServer, _ transport: FederationTransport, timeoutSeconds: Double = 20
  ) throws -> FederationClient {
    try FederationClient(
      configuration: FederationClientConfiguration(
        server: ServerAddress(parsing: server.url), transport: transport, token: .fixed("good-token"),
        caFile: authority.certificateFile, timeoutSeconds: timeoutSeconds))
  }

  @Test("a credential arrives by output key, asked for once", arguments: [FederationTransport.rpc, .http])
  func success(transport: FederationTransport) async throws {
    let server = try start()
    let client = try client(server, transport)
    _ = try await client.secret(store: "vault", name: "k")
    let values = try await client.generate(db)
    #expect(values == ["username": SecretBytes("u"), "password": SecretBytes("p\"\n<ü>")])
    let generators = server.service.generators
    #expect(generators.requests == [GenerateRequest(generator: db, caCertificates: authority.certificatePEM)])
    #expect(generators.peers == server.service.calls.map(\.peer))
    await client.close()
    await server.stop()
  }

  @Test("names with slashes and dots arrive as they are", arguments: [FederationTransport.rpc, .http])
  func oddNames(transport: FederationTransport) async throws {
    let server = try start()
    let client = try client(server, transport)
    #expect(try await client.generate(odd) == ["k": SecretBytes("v")])
    try await client.revokeSelf(odd)
    #expect(server.service.generators.requests.map(\.generator) == [odd])
    await client.close()
    await server.stop()
  }

  @Test(
    "a connection that is lost after sending ends the call: it is not sent again, and the text says what may be",
    arguments: [FederationTransport.rpc, .http])
  func lost(transport: FederationTransport) async throws {
    let server = try start([.hold])
    let client = try client(server, transport)
    // A request on a connection that was used before is what libcurl sends anew by itself.
    _ = try await client.secret(store: "vault", name: "k")
    async let outcome = failure(client, db)
    for await _ in server.service.generators.arrivals { break }
    await server.stop()
    let error = await outcome
    #expect(error?.code == .unknown)
    #expect(error?.message.contains("a credential may have been issued, which ends with its lease") == true)
    #expect(server.service.generators.requests.count == 1)
    await client.close()
  }

  @Test("no answer within the timeout is final too", arguments: [FederationTransport.rpc, .http])
  func timeout(transport: FederationTransport) async throws {
    let server = try start([.hold])
    let client = try client(server, transport, timeoutSeconds: 0.5)
    let error = await failure(client, db)
    #expect(error?.code == .deadlineExceeded)
    #expect(error?.message.contains("a credential may have been issued") == true)
    #expect(server.service.generators.requests.count == 1)
    await client.close()
    await server.stop()
  }

  @Test("a server that answers UNAVAILABLE is asked again", arguments: [FederationTransport.rpc, .http])
  func unavailable(transport: FederationTransport) async throws {
    let server = try start([.refuse(RPCError(.unavailable, "no ledger now"))])
    let client = try client(server, transport)
    #expect(try await client.generate(db).count == 2)
    #expect(server.service.generators.requests.count == 2)
    await client.close()
    await server.stop()
  }

  @Test(
    "a server that goes on answering UNAVAILABLE is asked a bounded number of times, and nothing was issued",
    arguments: [FederationTransport.rpc, .http])
  func stillUnavailable(transport: FederationTransport) async throws {
    let refusal = RPCError(.unavailable, "no ledger now")
    let server = try start([FakeGenerators.Turn](repeating: .refuse(refusal), count: 9))
    let client = try client(server, transport)
    #expect(await failure(client, db) == refusal)
    #expect(server.service.generators.requests.count == 4)
    await client.close()
    await server.stop()
  }

  @Test(
    "other answers are final and say what the server says",
    arguments: [FederationTransport.rpc, .http],
    [
      RPCError.notAuthorized, RPCError(.invalidArgument, "bad spec"), RPCError(.internal, "failed"),
      RPCError(.aborted, "revoked meanwhile"), RPCError(.unimplemented, "no generators"),
    ])
  func refused(transport: FederationTransport, refusal: RPCError) async throws {
    let server = try start([.refuse(refusal)])
    let client = try client(server, transport)
    #expect(await failure(client, db) == refusal)
    #expect(server.service.generators.requests.count == 1)
    await client.close()
    await server.stop()
  }

  @Test("a server's text cannot drive a terminal", arguments: [FederationTransport.rpc, .http])
  func hostileText(transport: FederationTransport) async throws {
    let text = "\u{1B}[2J\n" + String(repeating: "x", count: 1_000)
    let server = try start([.refuse(RPCError(.invalidArgument, text))])
    let client = try client(server, transport)
    let message = try #require(await failure(client, db)?.message)
    #expect(message.hasPrefix(" [2J x") && message.count == PrintableText.maximumMessage)
    await client.close()
    await server.stop()
  }

  @Test(
    "a connection that ended before the call is replaced, and the credential made once",
    arguments: [FederationTransport.auto, .rpc, .http])
  func restart(transport: FederationTransport) async throws {
    let first = try start()
    let client = try client(first, transport)
    _ = try await client.secret(store: "vault", name: "k")
    await first.stop()
    let second = try start(port: try ServerAddress(parsing: first.url).port)
    #expect(try await client.generate(db).count == 2)
    #expect(first.service.generators.requests.isEmpty)
    #expect(second.service.generators.requests.count == 1)
    await client.close()
    await second.stop()
  }

  @Test("a closed port is UNAVAILABLE, and nothing was issued", arguments: [FederationTransport.rpc, .http])
  func closedPort(transport: FederationTransport) async throws {
    let server = try start()
    await server.stop()
    let client = try client(server, transport)
    let error = await failure(client, db)
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("credential") == false)
    await client.close()
  }

  @Test(
    "revocations arrive as documented, and are tried again as fetches are",
    arguments: [FederationTransport.rpc, .http])
  func revocations(transport: FederationTransport) async throws {
    let later = RPCError(.unavailable, "later")
    let server = try start(revocationRefusals: [later, later])
    let client = try client(server, transport)
    try await client.revokeSelf(db)
    try await client.revokeCredentials(namespace: "apps", owner: "shop \"1\"/ü")
    let pem = authority.certificatePEM
    let own = FakeGenerators.Revocation.own(RevokeSelfRequest(generator: db, caCertificates: pem))
    let owner = FakeGenerators.Revocation.owner(
      RevokeCredentialsRequest(namespace: "apps", owner: "shop \"1\"/ü", caCertificates: pem))
    #expect(server.service.generators.revocations == [own, own, own, owner])
    await client.close()
    await server.stop()
  }

  @Test("a revocation's refusal is told", arguments: [FederationTransport.rpc, .http])
  func refusedRevocations(transport: FederationTransport) async throws {
    let server = try start(revocationRefusals: [.notAuthorized, .notAuthorized])
    let client = try client(server, transport)
    await #expect(throws: RPCError.notAuthorized) { try await client.revokeSelf(db) }
    await #expect(throws: RPCError.notAuthorized) {
      try await client.revokeCredentials(namespace: "apps", owner: "o")
    }
    await client.close()
    await server.stop()
  }

  /// What the call throws; nil when it gives a credential.
  private func failure(_ client: FederationClient, _ generator: GeneratorReference) async -> RPCError? {
    do throws(RPCError) {
      _ = try await client.generate(generator)
      return nil
    } catch {
      return error
    }
  }
}
