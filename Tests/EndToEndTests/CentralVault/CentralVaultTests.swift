import FederationAPI
import Foundation
import HTTPClient
import Logging
import TestSupport
import Testing

/// What the project is for, from the files of deploy/examples/central-vault.
@Suite(.timeLimit(.minutes(5))) struct CentralVaultTests {
  private let client: HTTPClient

  init() throws { client = try HTTPClient(log: Log(level: .error)) }

  /// What the program at `port` tells who logs in with `password`; nil when it lets nobody in.
  private func metrics(_ port: Substring, _ password: String) async throws -> String? {
    let login = Data("metrics:\(password)".utf8).base64EncodedString()
    let response = try await client.send(
      HTTPRequest(
        url: "http://127.0.0.1:\(port)/metrics", headers: [("Authorization", "Basic \(login)")], timeoutSeconds: 60,
        connectTimeoutSeconds: 60, allowsPlaintext: true))
    return response.status == 200 ? String(decoding: response.body, as: UTF8.self) : nil
  }

  private func ready(_ program: ChildProgram) async throws -> Substring {
    try await program.stdout.waitForLine(prefix: "ready ", timeoutSeconds: 120).dropFirst("ready ".count)
  }

  @Test("a program of the client cluster runs with what is in Vault, and follows when that changes")
  func documentedUse() async throws {
    let world = try await CentralVaultWorld(["refresh: 30s": "refresh: 1s"])
    try await world.vault.put("metrics-login", ["username": "metrics", "password": "first"])
    let pod = try world.pod()
    let program = try pod.start("metrics")
    let port = try await ready(program)
    #expect(try await metrics(port, "first") == "login_at_start first\n")
    #expect(try await metrics(port, "second") == nil)

    let refresh = try pod.start("refresh")
    _ = try await refresh.stdout.waitForLine(prefix: "ready", timeoutSeconds: 120)
    try await world.vault.put("metrics-login", ["username": "metrics", "password": "second"])
    let deadline = MonotonicTime.now.advanced(bySeconds: 120)
    while try await metrics(port, "second") == nil, MonotonicTime.now < deadline {
      try await Task.sleep(for: .milliseconds(50))
    }
    // The file is the new one; the environment is that of the start, until the next.
    #expect(try await metrics(port, "second") == "login_at_start first\n")
    #expect(try await metrics(port, "first") == nil)
    let next = try pod.start("metrics")
    #expect(try await metrics(ready(next), "second") == "login_at_start second\n")

    refresh.signal(SIGTERM)
    #expect(await refresh.wait() == .status(0))
    for running in [program, next] { running.signal(SIGTERM) }
    #expect(try pod.files(at: "/credentials") == ["login.json"])
    let exit = await world.stop()
    #expect(exit == .status(0), "\(world.server.stderr.text.suffix(2_000))")
    #expect(!world.server.stderr.text.contains("first") && !world.server.stderr.text.contains("good-jwt"))
  }

  @Test("a service account without a grant gets nothing, and its program is not started")
  func stranger() async throws {
    let world = try await CentralVaultWorld([:])
    try await world.vault.put("metrics-login", ["username": "metrics", "password": "first"])
    // One that has a grant comes first: the server shows no stranger's token to the cluster to get its keys.
    let granted = try world.pod()
    let program = try granted.start("metrics")
    _ = try await ready(program)
    let pod = try world.pod(account: "other")
    let stranger = try pod.start("metrics")
    #expect(await stranger.wait() == .status(1))
    #expect(stranger.stdout.text.isEmpty)
    #expect(stranger.stderr.text.contains("ask for an Authorization"))
    #expect(!stranger.stderr.text.contains("first"))
    #expect(try pod.files(at: "/credentials").isEmpty)
    #expect(try granted.files(at: "/credentials") == ["login.json"])
    program.signal(SIGTERM)
    let exit = await world.stop()
    #expect(exit == .status(0), "\(world.server.stderr.text.suffix(2_000))")
  }

  @Test("the README tells of each word to fill in, and of no other, and the patch mounts the token where it is read")
  func readme() throws {
    func text(_ file: String) throws -> String {
      try String(contentsOfFile: "\(CentralVaultWorld.example)/\(file)", encoding: .utf8)
    }
    func words(_ text: String) -> Set<Substring> { Set(text.matches(of: /@[A-Z_]+@/).map(\.output)) }
    let files = try ["central/store.yaml", "central/access.yaml", "client/metrics.yaml"].map(text)
    #expect(words(try text("README.md")) == words(files.joined()))
    // Each stands alone in its place, so that any text of one line does.
    for line in files.joined().split(separator: "\n") where line.contains("_CA@") {
      #expect(line.contains(/: "@[A-Z]+_CA@"$/), "\(line)")
    }
    let patch = try text("server/vault-token.yaml")
    let mount = try #require(patch.firstMatch(of: /mountPath: ([^,]+),/)?.output.1)
    let path = try #require(patch.firstMatch(of: /path: ([^,]+),/)?.output.1)
    #expect(files[0].contains("{file: \(mount)/\(path)}"))
    // What stands in a namespace that a cluster need not have stands behind it.
    let made = try #require(files[2].firstRange(of: "kind: Namespace\nmetadata: {name: monitoring}"))
    let used = try #require(files[2].firstRange(of: "namespace: monitoring"))
    #expect(made.upperBound < used.lowerBound)
  }
}
