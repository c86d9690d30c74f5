import FederationAPI
import FederationClient
import Foundation
import TestSupport
import Testing

/// esi-cli with generators against a server, over each wire.
@Suite struct GeneratorModeTests {
  private let authority: TestCertificateAuthority
  private let certificate: TestCertificateAuthority.ServerCertificate
  private let directory: TemporaryDirectory
  private let tokenFile: String
  private let db = GeneratorReference(namespace: "apps", kind: "PostgreSql", name: "db.prod")
  private let id = GeneratorReference(namespace: "shop", kind: "UUID", name: "id")

  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
    directory = try TemporaryDirectory()
    tokenFile = try directory.write("good-token\n", to: "token")
  }

  private func start(_ turns: [FakeGenerators.Turn] = [], tls: Bool = true) throws -> FakeFederationServer {
    let generators = FakeGenerators(
      [
        db: ["username": SecretBytes("u-1"), "password": SecretBytes("hunter2")], id: ["uuid": SecretBytes("77")],
      ], turns: turns)
    let service = FakeFederationService(secrets: ["vault": ["k": SecretBytes("v")]], generators: generators)
    return try FakeFederationServer.start(certificate: tls ? certificate : nil, service: service)
  }

  private func run(
    _ server: FakeFederationServer, _ flags: String..., program: String = "/usr/bin/env", args: String = ""
  ) async throws -> EsiCli.Outcome {
    try await EsiCli.run(
      [
        "--mode=init", "--federated-server-url=\(server.url)", "--federated-token=\(tokenFile)",
        "--federated-ca-crt=\(authority.certificateFile)", "--binary-path=\(program)", "--args=\(args)",
      ] + flags, environment: ["KUBERNETES_NAMESPACE": "shop"])
  }

  private func lines(_ outcome: EsiCli.Outcome) -> [String] {
    ChildProgram.given(outcome.text.split(separator: "\n")).filter { !$0.hasPrefix("KUBERNETES_NAMESPACE=") }.sorted()
  }

  @Test(
    "the program has secrets and credentials, each generator asked once, after the secrets",
    arguments: ["auto", "rpc", "http"])
  func environment(transport: String) async throws {
    let server = try start()
    let outcome = try await run(
      server, "--federated-transport=\(transport)", "--federated-generators=apps/PostgreSql/db.prod,UUID/id",
      "--inject-on-env=DB_USER=db.prod.username,DB_PASSWORD=apps/PostgreSql/db.prod.password,ID=id.uuid,K=vault.k")
    #expect(outcome.exit == .status(0))
    #expect(outcome.stderr.isEmpty)
    #expect(lines(outcome) == ["DB_PASSWORD=hunter2", "DB_USER=u-1", "ID=77", "K=v"])
    let service = server.service
    #expect(service.generators.requests.map(\.generator) == [db, id])
    #expect(Set(service.generators.peers + service.calls.map(\.peer)).count == 1)
    await server.stop()
  }

  @Test(
    "without injection flags, and with a star, every output is a variable; also without TLS", arguments: [false, true])
  func everything(star: Bool) async throws {
    let server = try start(tls: star)
    let outcome = try await run(
      server, "--federated-generators=db.prod", "--federated-generators", "shop/UUID/id",
      "--federated-generator-namespace=apps", "--federated-generator-kind=PostgreSql",
      "--inject-on-env=\(star ? "*,KEY=vault.k" : "")")
    #expect(lines(outcome) == (star ? ["K=v", "KEY=v"] : []) + ["PASSWORD=hunter2", "USERNAME=u-1", "UUID=77"])
    #expect(server.service.generators.requests.count == 2)
    await server.stop()
  }

  @Test("files hold one output, or all of a generator's", arguments: ["rpc", "http"])
  func files(transport: String) async throws {
    let server = try start()
    let path = directory.path
    let outcome = try await run(
      server, "--federated-transport=\(transport)", "--federated-generators=apps/PostgreSql/db.prod",
      "--inject-on-file=\(path)/password=db.prod.password,\(path)/db.json=db.prod", program: "/bin/cat",
      args: "\(path)/password,\(path)/db.json")
    #expect(outcome.text == "hunter2{\"password\": \"hunter2\", \"username\": \"u-1\"}\n")
    #expect(server.service.generators.requests.count == 1)
    await server.stop()
  }

  @Test("a secret that is missing issues nothing", arguments: ["rpc", "http"])
  func missingSecret(transport: String) async throws {
    let server = try start()
    let outcome = try await run(
      server, "--federated-transport=\(transport)", "--federated-generators=UUID/id",
      "--inject-on-env=ID=id.uuid,A=vault.none")
    #expect(outcome.exit == .status(1))
    #expect(outcome.stderr.contains("secret \"none\" of store \"vault\" was not fetched"))
    #expect(server.service.generators.requests.isEmpty)
    await server.stop()
  }

  @Test(
    "a generator that is refused stops the run, is named with advice, and those after it are not asked",
    arguments: ["rpc", "http"])
  func refused(transport: String) async throws {
    let server = try start()
    let marker = directory.path + "/started"
    let outcome = try await run(
      server, "--federated-transport=\(transport)",
      "--federated-generators=UUID/id,apps/Password/none,apps/PostgreSql/db.prod", program: "/usr/bin/touch",
      args: marker)
    #expect(outcome.exit == .status(1))
    #expect(outcome.stderr.contains("generator \"apps/Password/none\" gave no credential: Not Found; check namespace"))
    #expect(outcome.stderr.contains("allowedGenerators"))
    #expect(outcome.stderr.contains("the credentials that were issued are not used, and end with their lease"))
    #expect(server.service.generators.requests.count == 2)
    #expect(!FileManager.default.fileExists(atPath: marker))
    await server.stop()
  }

  @Test("an output that does not exist is told with those that do, and without a value", arguments: ["rpc", "http"])
  func missingOutput(transport: String) async throws {
    let server = try start()
    let file = directory.path + "/never"
    let outcome = try await run(
      server, "--federated-transport=\(transport)", "--federated-generators=apps/PostgreSql/db.prod",
      "--inject-on-file=\(file)=db.prod.password", "--inject-on-env=A=db.prod.user")
    #expect(outcome.exit == .status(1))
    #expect(outcome.stderr.contains("gave no output \"user\", but \"password\", \"username\""))
    #expect(outcome.stderr.contains("end with their lease"))
    #expect(!outcome.stderr.contains("hunter2"))
    #expect(!FileManager.default.fileExists(atPath: file))
    await server.stop()
  }

  @Test("a server that cannot issue now is asked again", arguments: ["rpc", "http"])
  func retried(transport: String) async throws {
    let server = try start([.refuse(RPCError(.unavailable, "no ledger now"))])
    let outcome = try await run(
      server, "--federated-transport=\(transport)", "--federated-generators=UUID/id")
    #expect(lines(outcome) == ["UUID=77"])
    #expect(server.service.generators.requests.count == 2)
    await server.stop()
  }
}
