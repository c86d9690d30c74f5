import FederationAPI
import Foundation
import Glibc
import TestSupport
import Testing

/// esi-cli --mode=daemon against a server, over each wire.
@Suite(.timeLimit(.minutes(3))) struct DaemonModeTests {
  private let world: RunningDaemon

  init() throws { world = try RunningDaemon() }

  private func stop(_ daemon: ChildProgram, _ signal: Int32 = SIGTERM) async throws {
    daemon.signal(signal)
    #expect(await daemon.wait(timeoutSeconds: 20) == .status(0))
    #expect(daemon.stdout.text == "ready\n")
    #expect(try world.entries() == ["a", "b"])
    // Without the directory, whose random name may well hold an "a1".
    let said = daemon.stderr.text.replacingOccurrences(of: world.directory.path, with: "")
    for secret in ["a1", "a2", "b1", "b2", "good-token"] { #expect(!said.contains(secret)) }
  }

  @Test(
    "files are written, said to be, and written again when SIGHUP finds another value",
    arguments: ["auto", "rpc", "http"])
  func hangup(transport: String) async throws {
    let daemon = try await world.ready(["--federated-transport=\(transport)"])
    #expect(try world.content("a") == "a1")
    #expect(try world.content("b") == "b1")
    #expect(try FileStamp(world.path("a")).mode == 0o600)
    let untouched = try FileStamp(world.path("a"))
    for round in 2...4 {
      world.put("b\(round)", "b")
      daemon.signal(SIGHUP)
      try await FileEvent.content(world.path("b"), "b\(round)")
    }
    // The refresh of b looked at a as well, three times.
    #expect(try FileStamp(world.path("a")) == untouched)
    #expect(Set(world.service.calls.map(\.peer)).count == 1)
    #expect(world.service.protocols == [transport == "http" ? "http/1.1" : "ttrpc"])
    try await stop(daemon)
    let lines = daemon.stderr.text.split(separator: "\n")
    #expect(lines.first == "esi-cli: changed \(world.path("a")), \(world.path("b"))")
    #expect(lines.dropFirst().allSatisfy { $0 == "esi-cli: changed \(world.path("b"))" })
    await world.first.stop()
  }

  @Test("the interval refreshes by itself", arguments: ["rpc", "http"])
  func interval(transport: String) async throws {
    let daemon = try await world.ready(["--federated-transport=\(transport)", "--daemon-refresh-interval=1s"])
    world.put("a2", "a")
    try await FileEvent.content(world.path("a"), "a2")
    try await stop(daemon, SIGINT)
    await world.first.stop()
  }

  @Test("what is on disk already stays as it is, and what somebody changed is put right")
  func alreadyThere() async throws {
    let first = try await world.ready()
    try await stop(first)
    let stamp = try FileStamp(world.path("a"))
    try FileManager.default.removeItem(atPath: world.path("b"))
    let second = try await world.ready()
    #expect(try FileStamp(world.path("a")) == stamp)
    #expect(try world.content("b") == "b1")
    try "mine".write(toFile: world.path("b"), atomically: false, encoding: .utf8)
    second.signal(SIGHUP)
    try await FileEvent.content(world.path("b"), "b1")
    try await stop(second)
    await world.first.stop()
  }

  @Test(
    "while the server is away the files stay, and it is found again without open ends piling up",
    arguments: ["rpc", "http"])
  func serverAway(transport: String) async throws {
    let daemon = try await world.ready(["--federated-transport=\(transport)", "--daemon-refresh-interval=2s"])
    var server = world.first
    var descriptors: [Int] = []
    for round in 2...7 {
      await server.stop()
      daemon.signal(SIGHUP)
      _ = try await daemon.stderr.waitForLine(containing: "refresh failed, the files stay")
      #expect(try world.content("a") == "a\(round - 1)")
      world.put("a\(round)", "a")
      server = try FakeFederationServer.start(
        certificate: world.certificate, service: world.service, port: world.port)
      try await FileEvent.content(world.path("a"), "a\(round)")
      descriptors.append(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.pid)/fd").count)
    }
    // One or two may be the write that is just being finished.
    #expect(try #require(descriptors.last) <= (try #require(descriptors.first)) + 2, "\(descriptors)")
    #expect(daemon.stderr.text.contains("next try in 1 s: secret \"a\" of store \"vault\" was not fetched: "))
    #expect(daemon.stderr.text.contains("the refresh succeeded again; changed \(world.path("a"))"))
    daemon.signal(SIGTERM)
    #expect(await daemon.wait() == .status(0))
    await server.stop()
  }

  @Test(
    "a token that is refused keeps all files as they are, until the token file holds another",
    arguments: ["rpc", "http"])
  func refusal(transport: String) async throws {
    let daemon = try await world.ready(["--federated-transport=\(transport)"])
    world.put("a2", "a")
    world.service.accept(token: "new-token")
    daemon.signal(SIGHUP)
    let line = try await daemon.stderr.waitForLine(containing: "refresh failed")
    #expect(line.contains("Unauthorized") && line.contains(world.directory.path + "/token"))
    #expect(line.contains("(and 1 more)"))
    #expect(try world.content("a") == "a1")
    // The token file is rotated, and read anew without a signal.
    try world.directory.write("new-token\n", to: "token")
    try await FileEvent.content(world.path("a"), "a2")
    try await stop(daemon)
    #expect(!daemon.stderr.text.contains("new-token"))
    await world.first.stop()
  }

  @Test("the CA file is read anew: a server with another authority is trusted once the file says so")
  func rotatedAuthority() async throws {
    let caFile = try world.directory.write(
      try String(contentsOfFile: world.authority.certificateFile, encoding: .utf8), to: "ca.crt")
    let daemon = try await world.ready(["--federated-ca-crt=\(caFile)"])
    await world.first.stop()
    let other = try TestCertificateAuthority()
    let server = try FakeFederationServer.start(
      certificate: try other.issue(), service: world.service, port: world.port)
    world.put("a2", "a")
    daemon.signal(SIGHUP)
    _ = try await daemon.stderr.waitForLine(containing: "refresh failed")
    #expect(try world.content("a") == "a1")
    try world.directory.write(try String(contentsOfFile: other.certificateFile, encoding: .utf8), to: "ca.crt")
    daemon.signal(SIGHUP)
    try await FileEvent.content(world.path("a"), "a2")
    try await stop(daemon)
    await server.stop()
  }

  @Test("a server that comes up within the timeout is waited for at the start", arguments: ["rpc", "http"])
  func lateServer(transport: String) async throws {
    await world.first.stop()
    let daemon = try world.start(["--federated-transport=\(transport)", "--federated-timeout=60s"])
    // The first tries are over within two seconds; nothing is said of them, so their time is the event.
    try await Task.sleep(for: .seconds(2.5))
    let server = try FakeFederationServer.start(
      certificate: world.certificate, service: world.service, port: world.port)
    _ = try await daemon.stdout.waitForLine(prefix: "ready")
    try await stop(daemon)
    await server.stop()
  }

  @Test("without a first fetch it ends with 1 within the timeout, and a refusal ends it at once")
  func noStart() async throws {
    world.service.accept(token: "another")
    let refused = try world.start(["--federated-timeout=1h"])
    #expect(await refused.wait(timeoutSeconds: 60) == .status(1))
    #expect(refused.stderr.text.contains("Unauthorized"))
    await world.first.stop()
    let started = ContinuousClock.now
    let late = try world.start(["--federated-timeout=3s"])
    #expect(await late.wait(timeoutSeconds: 60) == .status(1))
    #expect(ContinuousClock.now - started < .seconds(20))
    #expect(late.stderr.text.contains("check --federated-server-url"))
    #expect(refused.stdout.bytes.isEmpty && late.stdout.bytes.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: world.path("a")))
  }

  @Test("SIGTERM ends it also while a server does not answer", arguments: ["rpc", "http"])
  func endWhileWaiting(transport: String) async throws {
    // Answers once nine wait, which never happens.
    let service = FakeFederationService(secrets: ["vault": ["a": SecretBytes("a1")]], answersTogether: 9)
    let server = try FakeFederationServer.start(certificate: world.certificate, service: service)
    let daemon = try world.start(["--federated-transport=\(transport)", "--federated-server-url=\(server.url)"])
    for await _ in service.arrivals { break }
    let started = ContinuousClock.now
    daemon.signal(SIGTERM)
    #expect(await daemon.wait(timeoutSeconds: 20) == .status(0))
    #expect(ContinuousClock.now - started < .seconds(5))
    #expect(daemon.stdout.bytes.isEmpty)
    // The loop cannot be drained of calls that never end.
    withExtendedLifetime(server) {}
  }
}
