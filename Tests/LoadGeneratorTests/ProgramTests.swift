import JSON
import LoadGenerator
import TestSupport
import Testing

/// `federation-bench` as a program, with the real server beside it.
@Suite(.timeLimit(.minutes(2))) struct ProgramTests {
  private func bench(_ words: String...) throws -> ChildProgram {
    try ChildProgram(product: "federation-bench", arguments: words)
  }

  @Test("issuer, manifests, server and run: the whole way, as `make bench` goes it")
  func wholeWay() async throws {
    let directory = try TemporaryDirectory()
    let (issuerFiles, config) = (directory.path + "/issuer", directory.path + "/config")
    let issuer = try bench("issuer", "--directory", issuerFiles, "--subjects=3", "--tokens=6", "--fresh=5")
    let url = String(try await issuer.stdout.waitForLine(prefix: "ready issuer=").dropFirst("ready issuer=".count))
    let manifests = try bench(
      "manifests", "--directory", config, "--issuer-url", url, "--issuer", url, "--ca", issuerFiles + "/ca.crt",
      "--authorizations=3", "--secrets=50")
    #expect(await manifests.wait() == .status(0), "\(manifests.stderr.text)")
    let validate = try ChildProgram(product: "federation-server", arguments: ["validate", "--config", config])
    #expect(await validate.wait() == .status(0))
    #expect(validate.stderr.text.isEmpty && !validate.stdout.text.contains("warning"), "\(validate.stderr.text)")

    let server = try ChildProgram(
      product: "federation-server",
      arguments: [
        "serve", "--config", config, "--listen", "127.0.0.1:0", "--tls-cert", issuerFiles + "/server.crt", "--tls-key",
        issuerFiles + "/server.key", "--loops=1", "--requests-per-identity=1000000", "--requests-per-address=1000000",
      ])
    let ready = try await server.stdout.waitForLine(prefix: "ready listen=")
    let figures = directory.path + "/figures.json"
    let run = try bench(
      "run", "--target", String(ready.split(separator: "=")[1]), "--ca", issuerFiles + "/ca.crt", "--tokens",
      issuerFiles + "/tokens.txt", "--keys=50", "--connections=6", "--in-flight=4", "--duration=0.5", "--warm-up=0.2",
      "--server-pid", String(server.pid), "--json", figures, "--new-tokens=0")
    #expect(await run.wait() == .status(0), "\(run.stderr.text)")
    #expect(run.stdout.text.contains("requests/CPU s"))
    let json = try JSONValue.parse(try readFile(figures))
    #expect(json["errors"]?.number == 0)
    #expect(try #require(json["server"]?["max_rss_kib"]?.number) > 1_000)

    let wrong = try bench(
      "run", "--target", String(ready.split(separator: "=")[1]), "--ca", issuerFiles + "/ca.crt", "--tokens",
      issuerFiles + "/tokens.txt", "--value-size=63", "--duration=0.2", "--warm-up=0")
    #expect(await wrong.wait() == .status(1))
    #expect(wrong.stdout.text.contains("the answer is not the value that it must be"))

    for program in [server, issuer] {
      program.signal(15)
      #expect(await program.wait() == .status(0))
    }
  }

  private func readFile(_ path: String) throws -> [UInt8] { try ByteFile.read(path) }

  @Test("tokens are about as long as asked for, of the subjects in turn, and all different")
  func tokens() async throws {
    let directory = try TemporaryDirectory()
    let issuer = try bench(
      "issuer", "--directory", directory.path, "--subjects=2", "--tokens=4", "--token-bytes=900", "--fresh=3")
    _ = try await issuer.stdout.waitForLine(prefix: "ready issuer=")
    let tokens = try TokenList(file: directory.path + "/tokens.txt")
    let fresh = try TokenList(file: directory.path + "/fresh.txt")
    #expect(tokens.count == 4 && fresh.count == 3)
    let lines = (0..<4).map { Array(tokens[$0]) } + (0..<3).map { Array(fresh[$0]) }
    #expect(Set(lines).count == 7)
    #expect(lines.allSatisfy { (890...910).contains($0.count) }, "\(lines.map(\.count))")
    #expect(try (0..<4).map { try tokens.claims($0).subject.last } == ["0", "1", "0", "1"])
    issuer.signal(15)
    #expect(await issuer.wait() == .status(0))
  }

  @Test("one manifest in each file, and what the server could not read is refused")
  func manifests() async throws {
    let directory = try TemporaryDirectory()
    let authority = try TestCertificateAuthority()
    let words = [
      "manifests", "--issuer-url=https://127.0.0.1:1", "--issuer=https://i", "--ca", authority.certificateFile,
    ]
    let config = directory.path + "/config"
    let written = try ChildProgram(
      product: "federation-bench", arguments: words + ["--directory", config, "--one-per-file=100"])
    #expect(await written.wait() == .status(0), "\(written.stderr.text)")
    let validate = try ChildProgram(product: "federation-server", arguments: ["validate", "--config", config])
    #expect(await validate.wait() == .status(0), "\(validate.stderr.text)")
    #expect(validate.stdout.text == "valid: 1 federations, 49 authorizations, 50 stores, 0 generators\n")

    let tooLarge = try ChildProgram(
      product: "federation-bench",
      arguments: words + ["--directory", directory.path + "/large", "--secrets=3000", "--value-size=65536"])
    #expect(await tooLarge.wait() == .status(1))
    #expect(tooLarge.stderr.text.contains("spread the secrets with --keys-per-store"))
  }

  @Test(
    "a command line that makes no sense ends with 2, and says why",
    arguments: [
      (["run"], "--target is required"), (["runn"], "unknown command \"runn\""), ([], "usage: federation-bench"),
      (["issuer", "--directory=x", "--tokens=0"], "--tokens must be a whole number"),
      (["manifests", "--directory=x"], "--issuer-url is required"),
      (["plot", "--input=x", "--output=y"], "--kind is required"),
      (["plot", "--input=x", "--output=y", "--kind=z"], "--kind must be one of"),
    ])
  func usage(words: [String], message: String) async throws {
    let program = try ChildProgram(product: "federation-bench", arguments: words)
    #expect(await program.wait() == .status(2))
    #expect(program.stderr.text.contains(message), "\(program.stderr.text)")
  }
}
