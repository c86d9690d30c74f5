import Foundation
import TestSupport
import Testing

/// The main job with real parts only: issuer, server process and esi-cli process, over each wire.
@Suite struct EsiCliInitTests {
  private func run(
    _ federation: ServedFederation, _ flags: [String], token: String? = nil,
    program: (path: String, args: String) = ("/usr/bin/env", "-0"), environment: [String: String] = [:]
  ) async throws -> ChildProgram {
    let tokenFile = try federation.directory.write((token ?? federation.token) + "\n", to: "token")
    let esi = try ChildProgram(
      product: "esi-cli",
      arguments: [
        "--mode=init", "--federated-server-url=https://127.0.0.1:\(federation.port)", "--federated-token=\(tokenFile)",
        "--federated-ca-crt=\(federation.authority.certificateFile)", "--binary-path=\(program.path)",
        "--args=\(program.args)",
      ] + flags, environment: environment)
    return esi
  }

  @Test("secrets reach the environment and files of the program", arguments: ["auto", "rpc", "http"])
  func arrival(transport: String) async throws {
    let federation = try await ServedFederation.start()
    let file = federation.directory.path + "/secrets/all.json"
    let esi = try await run(
      federation,
      [
        "--federated-transport=\(transport)", "--federated-store=fake", "--external-secrets=key-1,key-2",
        "--inject-on-env=KEY_2=fake.key-3", "--inject-on-file=\(file)=fake",
      ], environment: ["KEY_1": "inherited", "HOME": "/root"])
    #expect(await esi.wait() == .status(0))
    #expect(esi.stderr.text.isEmpty)
    let value = ServedFederation.value(of:)
    #expect(
      ChildProgram.given(esi.stdout.text.split(separator: "\0")).sorted()
        == ["HOME=/root", "KEY_1=\(value("key-1"))", "KEY_2=\(value("key-3"))"])
    let written = try JSONDecoder().decode(
      [String: String].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    #expect(written == ["key-1": value("key-1"), "key-2": value("key-2"), "key-3": value("key-3")])
    #expect(await federation.stop() == .status(0))
  }

  @Test("a value of the embedded store arrives byte for byte over RPC")
  func embeddedStore() async throws {
    let federation = try await ServedFederation.start()
    let bytes: [UInt8] = [0x00, 0xFF, 0x0A, 0x80]
    let put = try ChildProgram(
      product: "federation-server", arguments: ["secret", "put", "--data", federation.dataDirectory, "vault", "raw"],
      stdin: bytes)
    #expect(await put.wait() == .status(0))
    let file = federation.directory.path + "/raw"
    let esi = try await run(
      federation, ["--federated-transport=rpc", "--inject-on-file=\(file)=vault.raw"], program: ("/bin/cat", file))
    #expect(await esi.wait() == .status(0))
    #expect(esi.stdout.bytes == bytes)
    #expect(await federation.stop() == .status(0))
  }

  @Test("who may not gets nothing, and the program never starts", arguments: ["rpc", "grpc", "http"])
  func refusals(transport: String) async throws {
    let federation = try await ServedFederation.start()
    let marker = federation.directory.path + "/started"
    let stranger = try federation.signingKey.token(
      ServiceAccountClaims(issuer: federation.issuer.url, namespace: "demo", serviceAccount: "stranger"))
    let good = federation.token
    let cases: [(secret: String, token: String, message: String)] = [
      ("fake.none", good, "secret \"none\" of store \"fake\" was not fetched"),
      ("other.key-1", good, "Not Found; ask for an Authorization"), ("fake.key-1", stranger, "Not Found; ask for"),
      ("fake.key-1", good + "x", "Unauthorized; the server did not accept the token"),
    ]
    for (secret, token, message) in cases {
      let esi = try await run(
        federation, ["--federated-transport=\(transport)", "--inject-on-env=A=\(secret),B=fake.key-2"], token: token,
        program: ("/usr/bin/touch", marker))
      #expect(await esi.wait() == .status(1))
      #expect(esi.stderr.text.contains(message))
      #expect(!esi.stderr.text.contains(token))
      #expect(!esi.stderr.text.contains(ServedFederation.value(of: "key-2")))
      #expect(!FileManager.default.fileExists(atPath: marker))
    }
    #expect(await federation.stop() == .status(0))
  }
}
