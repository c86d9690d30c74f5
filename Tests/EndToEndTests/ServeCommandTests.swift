import Foundation
import TestSupport
import Testing

/// `federation-server serve` as a program: its flags, and what keeps it from starting.
@Suite(.timeLimit(.minutes(1))) struct ServeCommandTests {
  private let authority: TestCertificateAuthority
  private let certificate: TestCertificateAuthority.ServerCertificate
  private let directory: TemporaryDirectory

  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
    directory = try TemporaryDirectory()
  }

  private func serve(_ flags: String..., listen: String = "127.0.0.1:0") throws -> ChildProgram {
    try ChildProgram.server(certificate, ["--config", directory.path] + flags, listen: listen)
  }

  /// What curl is answered: the status, or 000 when there was no answer.
  private func status(_ url: String, _ flags: String...) async throws -> String {
    let curl = try ChildProgram(
      path: "/usr/bin/curl",
      arguments: [
        "-s", "--max-time", "20", "--cacert", authority.certificateFile, "-o", "/dev/null", "-w", "%{http_code}",
      ] + flags + [url])
    _ = await curl.wait()
    return curl.stdout.text
  }

  private func address(_ line: String) -> String { String(line.split(separator: "=").last ?? "") }

  private func stop(_ server: ChildProgram) async {
    server.signal(SIGTERM)
    #expect(await exit(server) == .status(0))
  }

  /// How `server` ended: it is killed, and the test fails, when it serves instead.
  private func exit(_ server: ChildProgram) async -> ChildProgram.Exit { await server.wait(timeoutSeconds: 20) }

  @Test("TLS 1.2 is spoken with --tls-min-version 1.2 and not without")
  func tlsVersion() async throws {
    for (flags, expected) in [([], "000"), (["--tls-min-version=1.2"], "401")] {
      let server = try flags.first.map { try serve($0) } ?? serve()
      let url = "https://" + address(try await server.stdout.waitForLine(prefix: "ready listen="))
      #expect(try await status(url, "--tls-max", "1.2") == expected)
      #expect(try await status(url) == "401")
      await stop(server)
    }
  }

  @Test("D24: plain HTTP is spoken where --http-listen says, and beyond loopback only with --allow-plaintext")
  func plaintext() async throws {
    for beyond in ["0.0.0.0:0", "127.example.org:0", "[::]:0"] {
      let refused = try serve("--http-listen=\(beyond)")
      #expect(await exit(refused) == .status(2))
      #expect(refused.stderr.text.contains("--http-listen \(beyond) would carry tokens and secrets in the clear"))
      #expect(refused.stdout.text.isEmpty)
    }
    let server = try serve("--http-listen", "127.0.0.1:0")
    let plain = "http://" + address(try await server.stdout.waitForLine(prefix: "plaintext listen=127.0.0.1:"))
    #expect(try await status(plain) == "401")
    let secure = address(try await server.stdout.waitForLine(prefix: "ready listen="))
    #expect(try await status("https://" + secure) == "401")
    #expect(try await status("http://" + secure) == "000")
    await stop(server)
    let allowed = try serve("--http-listen=0.0.0.0:0", "--allow-plaintext")
    _ = try await allowed.stdout.waitForLine(prefix: "plaintext listen=0.0.0.0:")
    await stop(allowed)
  }

  @Test("D24: without its certificate, or on a port that is taken, it does not start, and says why")
  func startFailures() async throws {
    let noKey = try serve("--tls-key=/none/tls.key")
    #expect(await exit(noKey) == .status(1))
    #expect(noKey.stderr.text.contains("reading TLS key /none/tls.key: No such file or directory"))
    let first = try serve()
    let taken = address(try await first.stdout.waitForLine(prefix: "ready listen="))
    let second = try serve(listen: taken)
    #expect(await exit(second) == .status(1))
    #expect(second.stderr.text.hasSuffix("federation-server: cannot listen on \(taken): Address already in use\n"))
    await stop(first)
  }

  @Test("one address has a quarter of the connections, unless another number is given", arguments: [nil, 3, 0])
  func openConnections(given: Int?) async throws {
    let flags = given.map { ["--open-connections-per-address", String($0)] } ?? []
    let server = try ChildProgram.server(
      certificate, ["--config", directory.path, "--max-connections", "8", "--loops", "1"] + flags)
    let port = try await server.servedPort()
    var held: [RawClient] = []
    for _ in 0..<(given == 0 ? 8 : given ?? 2) { held.append(try RawClient(port: port)) }
    let another = try RawClient(port: port, from: 2)
    if given != 0 { #expect(await (try RawClient(port: port)).everything() == "") }
    #expect(held.allSatisfy { !$0.hasEnded })
    if given != 0 { #expect(!another.hasEnded) }
    await stop(server)
    #expect(server.stderr.text.contains("--open-connections-per-address") == (given != 0))
  }

  @Test(
    "a flag that makes no sense is told, with status 2",
    arguments: [
      ("--tls-min-version=1.1", "--tls-min-version must be 1.2 or 1.3"),
      ("--max-connections=0", "--max-connections must be a whole number from 1 to 1000000, not \"0\""),
      (
        "--open-connections-per-address=-1",
        "--open-connections-per-address must be a whole number from 0 to 1000000, not \"-1\""
      ),
      ("--loops=x", "--loops must be a whole number from 1 to 256, not \"x\""),
      ("--drain-seconds=-1", "--drain-seconds must be seconds from 0.0 to 600.0, not \"-1\""),
      ("--watch-heartbeat=61", "--watch-heartbeat must be seconds from 1.0 to 60.0, not \"61\""),
      ("--watch-poll=0", "--watch-poll must be seconds from 1.0 to 86400.0, not \"0\""),
      ("--max-watches=0", "--max-watches must be a whole number from 1 to 1000000, not \"0\""),
      ("--log-level=loud", "--log-level must be debug, info, warn or error, not \"loud\""),
      ("--listen=8443", "--listen must be HOST:PORT, for example 127.0.0.1:8443, not \"8443\""),
      ("--listen=:8443", "--listen needs a host; 0.0.0.0 listens on every address"),
      ("--allow-plaintext=yes", "--allow-plaintext takes no value"), ("--tls=1", "unknown flag --tls"),
      ("--kubernetes", "--kubernetes and --config exclude each other: resources come from a cluster or from files"),
      ("--kubeconfig=x", "--kubeconfig needs --kubernetes"), ("--context=x", "--context needs --kubernetes"),
      ("--namespace=x", "--namespace needs --kubernetes"),
      ("extra", "unexpected word \"extra\""), ("--config=", "--config DIR is required, or --kubernetes"),
    ])
  func wrongFlags(flag: String, message: String) async throws {
    let server = try serve(flag)
    #expect(await exit(server) == .status(2))
    #expect(server.stderr.text.contains(message), "\(server.stderr.text)")
  }
}
