import FederationAPI
import FederationClient
import Foundation
import Resources
import TestSupport
import Testing

/// FederationClient and esi-cli at the server's port for SVIDs.
@Suite(.timeLimit(.minutes(5))) struct SPIFFEClientTests {
  private static let transports: [FederationTransport] = [.rpc, .grpc, .http]
  private static let serverID = "spiffe://example.org/federation"

  private func client(
    _ world: SPIFFEWorld, _ source: SVIDSource, _ transport: FederationTransport, serverID: String? = nil,
    trusting: TestCertificateAuthority? = nil
  ) throws -> FederationClient {
    var configuration = FederationClientConfiguration(
      server: try ServerAddress(parsing: "https://localhost:\(world.port)"), transport: transport, caFile: nil,
      timeoutSeconds: 60)
    configuration.serverCertificates = (trusting ?? world.ca).certificatePEM
    configuration.spiffe = SPIFFEAccess(source: source, serverID: serverID)
    return try FederationClient(configuration: configuration)
  }

  private func files(
    _ id: String, of authority: TestCertificateAuthority, in directory: TemporaryDirectory
  ) throws -> SVIDSource {
    let paths = try authority.issueSVID(id).write(to: directory)
    let bundle = try directory.write(authority.certificatePEM, to: "bundle.pem")
    return .files(certificate: paths.certificate, key: paths.key, bundle: bundle)
  }

  private func ask(_ client: FederationClient) async -> Result<String, RPCError> {
    do throws(RPCError) {
      return .success(try await client.secret(store: "app", name: "password").text ?? "")
    } catch {
      return .failure(error)
    }
  }

  private func failure(_ body: () async throws -> Void) async -> RPCError? {
    do { try await body() } catch { return error as? RPCError }
    return nil
  }

  @Test("an SVID is shown over each wire, and a new one by the next connection", arguments: transports)
  func rotation(transport: FederationTransport) async throws {
    let world = try await SPIFFEWorld()
    let directory = try TemporaryDirectory()
    let client = try client(
      world, try files(SPIFFEWorld.id, of: world.authority, in: directory), transport)
    #expect(await ask(client) == .success("s3cret"))
    // Only the next ID may now, whose files replace the first one's.
    let next = SPIFFEWorld.workload("till")
    try world.grant([next])
    _ = try files(next, of: world.authority, in: directory)
    #expect(await ask(client) == .success("s3cret"))
    await client.close()
    await world.stop()
  }

  @Test(
    "a refused handshake is told as that, and no call for one that may have been carried out", arguments: transports)
  func refusal(transport: FederationTransport) async throws {
    let world = try await SPIFFEWorld()
    let directory = try TemporaryDirectory()
    let client = try client(
      world, try files(SPIFFEWorld.workload("stranger"), of: world.authority, in: directory), transport)
    let generator = GeneratorReference(namespace: "apps", kind: "Password", name: "p")
    for _ in 0..<3 {
      let error = try #require(await failure { _ = try await client.generate(generator) })
      #expect(error.code == .unauthenticated, "\(error)")
      #expect(error.message.contains("refused this client's certificate in the TLS handshake"), "\(error)")
      #expect(error.message.contains("nothing was carried out"), "\(error)")
    }
    await client.close()
    await world.stop()
  }

  @Test("a server is known by its SPIFFE ID, whatever its name is and whoever else is trusted", arguments: transports)
  func serverID(transport: FederationTransport) async throws {
    let own = try TemporaryDirectory()
    let world = try await SPIFFEWorld { configuration, authority in
      configuration.spiffe?.svid = try authority.issueSVID(Self.serverID).write(to: own)
    }
    let directory = try TemporaryDirectory()
    let source = try files(SPIFFEWorld.id, of: world.authority, in: directory)
    let right = try client(world, source, transport, serverID: Self.serverID)
    #expect(await ask(right) == .success("s3cret"))
    let wrong = try client(world, source, transport, serverID: "spiffe://example.org/other")
    guard case .failure(let error) = await ask(wrong) else { return #expect(Bool(false), "another server was taken") }
    #expect(
      error.message.contains("the server is \(Self.serverID), where spiffe://example.org/other is expected"), "\(error)"
    )
    // Its certificate has no name, so the ordinary rules do not take it, even of an authority that is trusted.
    let ordinary = try client(world, source, transport, trusting: world.authority)
    guard case .failure = await ask(ordinary) else { return #expect(Bool(false), "a server without a name was taken") }
    // The bundle decides, and not who is named: a server of another authority is none of its trust domain.
    let elsewhere = try TemporaryDirectory()
    let stranger = try files(SPIFFEWorld.id, of: try TestCertificateAuthority(name: "Stranger"), in: elsewhere)
    let other = try client(world, stranger, transport, serverID: Self.serverID)
    guard case .failure(let untrusted) = await ask(other) else {
      return #expect(Bool(false), "an unknown CA was taken")
    }
    #expect(untrusted.message.contains("untrusted X.509-SVID"), "\(untrusted)")
    for client in [right, wrong, ordinary, other] { await client.close() }
    await world.stop()
  }

  @Test("a token shown to the port for SVIDs is told that a certificate is wanted there", arguments: transports)
  func token(transport: FederationTransport) async throws {
    let world = try await SPIFFEWorld()
    let directory = try TemporaryDirectory()
    let child = try ChildProgram(
      product: "esi-cli",
      arguments: [
        "--mode=init", "--federated-server-url=https://localhost:\(world.port)",
        "--federated-token=\(try directory.write("token", to: "token"))",
        "--federated-ca-crt=\(try directory.write(world.ca.certificatePEM, to: "ca.crt"))",
        "--federated-transport=\(transport.rawValue)", "--inject-on-env=A=app.password", "--binary-path=/bin/true",
      ], environment: [:])
    #expect(await child.wait(timeoutSeconds: 120) == .status(1))
    let told = child.stderr.text
    #expect(told.contains("the server wants a certificate there, not a token"), "\(told)")
    #expect(!told.contains("has not expired"), "\(told)")
    await world.stop()
  }

  @Test("esi-cli gets its SVID from files, and from the Workload API that the environment names")
  func esiCli() async throws {
    let own = try TemporaryDirectory()
    let world = try await SPIFFEWorld { configuration, authority in
      configuration.spiffe?.svid = try authority.issueSVID(Self.serverID).write(to: own)
    }
    let directory = try TemporaryDirectory()
    let svid = try world.authority.issueSVID(SPIFFEWorld.id)
    let paths = try svid.write(to: directory)
    let bundle = try directory.write(world.authority.certificatePEM, to: "bundle.pem")
    let agent = try await WorkloadAPIAgent(
      .svids([(SPIFFEWorld.id, svid, try world.authority.certificateDER)], federated: [:]))
    func run(_ flags: [String], _ environment: [String: String] = [:]) async throws -> (String, String) {
      let child = try ChildProgram(
        product: "esi-cli",
        arguments: [
          "--mode=init", "--federated-auth=spiffe", "--federated-server-url=https://localhost:\(world.port)",
          "--federated-server-spiffe-id=\(Self.serverID)", "--inject-on-env=PASSWORD=app.password",
          "--federated-ca-crt=/none", "--binary-path=/usr/bin/env",
        ] + flags, environment: ["PATH": "/usr/bin"].merging(environment) { $1 })
      _ = await child.wait(timeoutSeconds: 120)
      return (child.stdout.text, child.stderr.text)
    }
    let (read, said) = try await run([
      "--spiffe-svid=\(paths.certificate)", "--spiffe-key=\(paths.key)", "--spiffe-bundle=\(bundle)",
    ])
    #expect(read.contains("PASSWORD=s3cret\n"), "\(said)")
    #expect(!said.contains("system's roots"), "\(said)")
    let (pushed, told) = try await run([], ["SPIFFE_ENDPOINT_SOCKET": "unix://" + agent.socket])
    #expect(pushed.contains("PASSWORD=s3cret\n"), "\(told)")
    try world.grant([])
    let (nothing, refusal) = try await run(["--federated-socket-path=\(agent.socket)"])
    #expect(!nothing.contains("PASSWORD"))
    #expect(refusal.contains("the server did not accept the SVID"), "\(refusal)")
    await world.stop()
  }
}
