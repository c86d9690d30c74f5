import FederationAPI
import Foundation
import TestSupport
import Testing

/// `federation-server serve --metrics-listen` as a program.
@Suite(.timeLimit(.minutes(2))) struct MetricsCommandTests {
  private let authority: TestCertificateAuthority
  private let certificate: TestCertificateAuthority.ServerCertificate
  private let directory: TemporaryDirectory

  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
    directory = try TemporaryDirectory()
  }

  private func serve(_ flags: String..., environment: [String: String]? = nil) throws -> ChildProgram {
    try ChildProgram.server(certificate, flags, environment: environment)
  }

  private func stop(_ server: ChildProgram) async {
    server.signal(SIGTERM)
    #expect(await server.wait(timeoutSeconds: 20) == .status(0))
  }

  @Test("the ready line tells the port, and beyond loopback it listens only with --allow-remote-metrics")
  func addresses() async throws {
    let server = try serve("--config", directory.path, "--metrics-listen", "127.0.0.1:0")
    let ready = try await server.stdout.waitForLine(prefix: "ready listen=127.0.0.1:")
    let address = try #require(ready.split(separator: " ").last?.split(separator: "=").last)
    #expect(ready.contains(" metrics=127.0.0.1:"))
    #expect(try await Scrape.curl("http://\(address)/readyz") == .init("200", "ready\n"))
    await stop(server)

    for beyond in ["0.0.0.0:0", "127.example.org:0", "[::]:0"] {
      let refused = try serve("--config", directory.path, "--metrics-listen=\(beyond)")
      #expect(await refused.wait(timeoutSeconds: 20) == .status(2))
      #expect(refused.stderr.text.contains("--metrics-listen \(beyond) would tell everybody who reaches it"))
    }
    let alone = try serve("--config", directory.path, "--allow-remote-metrics")
    #expect(await alone.wait(timeoutSeconds: 20) == .status(2))
    #expect(alone.stderr.text.contains("--allow-remote-metrics needs --metrics-listen HOST:PORT"))
    let allowed = try serve("--config", directory.path, "--metrics-listen=0.0.0.0:0", "--allow-remote-metrics")
    let line = try await allowed.stdout.waitForLine(prefix: "ready listen=127.0.0.1:")
    #expect(line.contains(" metrics=0.0.0.0:"))
    await stop(allowed)
  }

  @Test("while a start waits for the Kubernetes API it is alive and not ready, and a taken port is told")
  func starting() async throws {
    let kubeconfig = try directory.write(
      """
      apiVersion: v1
      kind: Config
      current-context: away
      contexts: [{name: away, context: {cluster: away, user: nobody}}]
      clusters: [{name: away, cluster: {server: "https://127.0.0.1:1"}}]
      users: [{name: nobody, user: {token: none}}]

      """, to: "kubeconfig")
    let server = try serve("--kubernetes", "--kubeconfig", kubeconfig, "--metrics-listen", "127.0.0.1:0")
    let line = try await server.stderr.waitForLine(containing: "\"event\":\"metrics_listening\"")
    let listen = try #require(line.firstRange(of: "\"listen\":\""))
    let address = String(line[listen.upperBound...].prefix { $0 != "\"" })
    #expect(try await Scrape.curl("http://\(address)/healthz") == .init("200", "ok\n"))
    #expect(try await Scrape.curl("http://\(address)/readyz") == .init("503", "starting\n"))
    #expect(try await Scrape.curl("http://\(address)/metrics").body.contains("\nfederation_ready 0\n"))

    let second = try serve("--config", directory.path, "--metrics-listen", address)
    #expect(await second.wait(timeoutSeconds: 20) == .status(1))
    #expect(second.stderr.text.contains("--metrics-listen: cannot listen on \(address): Address already in use"))
    await stop(server)
  }
}
