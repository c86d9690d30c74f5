import FederationAPI
import FederationClient
import Foundation
import TestSupport
import Testing

/// esi-cli against a server, over each wire: what the program it becomes sees, and when it never starts.
@Suite struct InitModeTests {
  private let authority: TestCertificateAuthority
  private let certificate: TestCertificateAuthority.ServerCertificate
  private let directory: TemporaryDirectory
  private let tokenFile: String

  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
    directory = try TemporaryDirectory()
    tokenFile = try directory.write("good-token\n", to: "token")
  }

  private func start(tls: Bool = true) throws -> FakeFederationServer {
    let service = FakeFederationService(secrets: [
      "vault": [
        "db-url": SecretBytes("postgres://u:hunter2@db/x?a=b"), "pin": SecretBytes("12\n34"),
        "nul": SecretBytes("a\0b"),
      ], "other": ["pin": SecretBytes("9")],
    ])
    return try FakeFederationServer.start(certificate: tls ? certificate : nil, service: service)
  }

  /// Runs esi-cli, which is to become `program`.
  private func run(
    _ server: FakeFederationServer, _ flags: [String], program: (path: String, args: String) = ("/usr/bin/env", "-0"),
    environment: [String: String] = [:]
  ) async throws -> EsiCli.Outcome {
    try await EsiCli.run(
      [
        "--mode", "init", "--federated-server-url", server.url, "--federated-token", tokenFile, "--federated-ca-crt",
        authority.certificateFile, "--binary-path", program.path, "--args", program.args,
      ] + flags, environment: environment)
  }

  private func variables(_ outcome: EsiCli.Outcome) -> [String: String] {
    var variables: [String: String] = [:]
    for assignment in ChildProgram.given(outcome.text.split(separator: "\0")) {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
    }
    return variables
  }

  @Test("the program has what was inherited with the secrets over it", arguments: ["auto", "rpc", "http"])
  func environment(transport: String) async throws {
    let server = try start()
    let outcome = try await run(
      server,
      [
        "--federated-transport=\(transport)", "--federated-store=vault", "--external-secrets=db-url,pin",
        "--inject-on-env=PIN=other.pin",
      ], environment: ["HOME": "/root", "DB_URL": "inherited", "PIN": "inherited"])
    #expect(outcome.exit == .status(0))
    #expect(outcome.stderr.isEmpty)
    #expect(variables(outcome) == ["HOME": "/root", "DB_URL": "postgres://u:hunter2@db/x?a=b", "PIN": "9"])
    #expect(server.service.protocols == [transport == "http" ? "http/1.1" : "ttrpc"])
    await server.stop()
  }

  @Test("a star injects what is named elsewhere, also without TLS")
  func star() async throws {
    let server = try start(tls: false)
    let file = directory.path + "/new/pin"
    let outcome = try await run(server, ["--inject-on-env=*", "--inject-on-file=\(file)=vault.pin"])
    #expect(variables(outcome) == ["PIN": "12\n34"])
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "12\n34")
    await server.stop()
  }

  @Test("files are in place before the program starts, whole secrets as YAML or JSON", arguments: ["rpc", "http"])
  func files(transport: String) async throws {
    let server = try start()
    let path = directory.path
    let outcome = try await run(
      server,
      [
        "--federated-transport=\(transport)", "--inject-on-file=\(path)/raw=vault.pin,\(path)/all.yaml=vault",
        "--inject-on-file", "\(path)/all.json=vault", "--inject-on-env=DB=vault.db-url",
      ], program: ("/bin/cat", "\(path)/raw,\(path)/all.yaml,\(path)/all.json"))
    #expect(outcome.exit == .status(0))
    #expect(
      outcome.text == """
        12
        34"db-url": "postgres://u:hunter2@db/x?a=b"
        "pin": "12\\n34"
        {"db-url": "postgres://u:hunter2@db/x?a=b", "pin": "12\\n34"}

        """)
    await server.stop()
  }

  @Test("the program gets its arguments as they stand between the commas, and its own status is the result")
  func program() async throws {
    let server = try start()
    let script = try directory.write("printf '[%s]' \"$0\" \"$@\"; exit 7\n", to: "script")
    let outcome = try await run(
      server, ["--inject-on-env=A=vault.pin"], program: ("/bin/sh", "\(script),--flag,a b,,c=d"))
    #expect(outcome.exit == .status(7))
    #expect(outcome.text == "[\(script)][--flag][a b][][c=d]")
    await server.stop()
  }

  @Test(
    "the program has the descriptors and the SIGPIPE handling of who started esi-cli",
    arguments: [("rpc", "-"), ("http", "-"), ("rpc", "''"), ("http", "''")])
  func inheritance(transport: String, trap: String) async throws {
    let server = try start()
    // Shows what it has, becomes esi-cli, is what esi-cli becomes, and shows it again. The last four digits of the
    // mask are signals 1 to 16; SIGPIPE is 13.
    let script = try directory.write(
      """
      [ $# -eq 0 ] || trap \(trap) PIPE
      for descriptor in /proc/$$/fd/*; do readlink "$descriptor" | grep -E '^(socket|anon_inode):'; done
      sed -n 's/^SigIgn:.*\\(....\\)$/\\1/p' /proc/$$/status
      echo end
      [ $# -eq 0 ] || exec "$@"

      """, to: "script")
    let arguments = [
      script, ChildProgram.productsDirectory + "/esi-cli", "--mode=init", "--federated-server-url=\(server.url)",
      "--federated-transport=\(transport)", "--federated-token=\(tokenFile)",
      "--federated-ca-crt=\(authority.certificateFile)", "--inject-on-env=A=vault.pin", "--binary-path=/bin/sh",
      "--args=\(script)",
    ]
    let program = try ChildProgram(path: "/bin/sh", arguments: arguments, environment: ["PATH": "/usr/bin:/bin"])
    #expect(await program.wait() == .status(0))
    let shown = program.stdout.text.components(separatedBy: "end\n")
    #expect(shown.count == 3)
    #expect(shown.first == shown.dropFirst().first)
    #expect(shown.first?.hasSuffix(trap == "-" ? "0000\n" : "1000\n") == true)
    await server.stop()
  }

  @Test("the program blocks no signal that who started esi-cli did not block", arguments: ["rpc", "http"])
  func signalMask(transport: String) async throws {
    let server = try start()
    // Not a shell, which has a mask of its own now and then.
    let outcome = try await run(
      server, ["--federated-transport=\(transport)", "--inject-on-env=A=vault.pin"],
      program: ("/bin/grep", "SigBlk,/proc/self/status"))
    #expect(outcome.text == "SigBlk:\t0000000000000000\n")
    await server.stop()
  }

  @Test(
    "one secret that is missing keeps the program from starting and every file from being written",
    arguments: ["rpc", "http"])
  func missing(transport: String) async throws {
    let server = try start()
    let file = directory.path + "/never"
    let marker = directory.path + "/started"
    let outcome = try await run(
      server,
      [
        "--federated-transport=\(transport)", "--inject-on-file=\(file)=vault.pin",
        "--inject-on-env=A=vault.none,B=secret-store.key",
      ], program: ("/usr/bin/touch", marker))
    #expect(outcome.exit == .status(1))
    #expect(!FileManager.default.fileExists(atPath: file))
    #expect(!FileManager.default.fileExists(atPath: marker))
    let lines = outcome.stderr.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.contains("secret \"none\" of store \"vault\" was not fetched: no secret \"none\"") == true)
    #expect(
      lines.last?.contains("secret \"key\" of store \"secret-store\" was not fetched: Not Found; ask for") == true)
    #expect(lines.last?.contains("allowedClusterSecretStores") == true)
    await server.stop()
  }

  @Test(
    "a token that is not accepted names its file and what to check, and never shows it", arguments: ["rpc", "http"])
  func badToken(transport: String) async throws {
    let server = try start()
    server.service.accept(token: "another")
    let outcome = try await run(server, ["--federated-transport=\(transport)", "--inject-on-env=A=vault.pin"])
    #expect(outcome.exit == .status(1))
    #expect(outcome.stderr.contains("Unauthorized"))
    #expect(outcome.stderr.contains(tokenFile))
    #expect(!outcome.stderr.contains("good-token"))
    await server.stop()
  }

  @Test("a value with a NUL goes to a file but not to a variable")
  func nul() async throws {
    let server = try start()
    let refused = try await run(server, ["--inject-on-env=A=vault.nul"])
    #expect(refused.exit == .status(1))
    #expect(refused.stderr.contains("the environment variable A has a NUL byte"))
    let file = directory.path + "/nul"
    let outcome = try await run(server, ["--inject-on-file=\(file)=vault.nul"], program: ("/bin/cat", file))
    #expect(outcome.stdout == Array("a\0b".utf8))
    await server.stop()
  }

  @Test("a server that is down fails within the timeout and says where to look", arguments: ["auto", "rpc", "http"])
  func down(transport: String) async throws {
    let server = try start()
    await server.stop()
    let outcome = try await run(server, ["--federated-transport=\(transport)", "--inject-on-env=A=vault.pin"])
    #expect(outcome.exit == .status(1))
    #expect(outcome.stderr.contains("check --federated-server-url"))
  }

  @Test("a CA file that was named and is missing is told, and the server is not trusted")
  func missingCA() async throws {
    let server = try start()
    let outcome = try await run(server, ["--federated-ca-crt=/none/ca.crt", "--inject-on-env=A=vault.pin"])
    #expect(outcome.exit == .status(1))
    #expect(outcome.stderr.contains("warning: --federated-ca-crt /none/ca.crt does not exist"))
    #expect(server.service.calls.isEmpty)
    await server.stop()
  }
}
