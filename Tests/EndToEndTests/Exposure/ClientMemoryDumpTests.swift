import Foundation
import Glibc
import TestSupport
import Testing

/// What whoever gets hold of a client's core or log learns of the secrets that it writes and of the token that it shows.
///
/// Over HTTP only: an open watch keeps its token, to tell a newer one and to resume, and may keep the last message.
@Suite(
  .timeLimit(.minutes(5)),
  .enabled(if: HiddenValues.maySearch, "a core of a process that cannot be dumped needs CAP_SYS_PTRACE"))
struct ClientMemoryDumpTests {
  @Test("esi-cli --mode=daemon, between two looks for changes")
  func daemon() async throws {
    let (hidden, world, directory) = (HiddenValues(), try await WatchWorld(), try TemporaryDirectory())
    try world.reload(value: hidden.text("first value"))
    let daemon = try ChildProgram(
      product: "esi-cli",
      arguments: [
        "--mode=daemon", "--federated-server-url=https://127.0.0.1:\(world.server.address.port)",
        "--federated-transport=http", "--federated-ca-crt=\(world.certificateFile)",
        "--federated-token=\(try directory.write(hidden.add("token", token: world.token()), to: "token"))",
        "--daemon-refresh-interval=1s",
        "--inject-on-file=\(directory.path)/out/key=app.key",
      ])
    _ = try await daemon.stdout.waitForLine(prefix: "ready")
    let second = hidden.text("second value")
    try world.reload(value: second)
    _ = try await daemon.stderr.waitForLine(containing: "changed \(directory.path)/out/key")
    let found = try await hidden.search(process: daemon.pid, control: directory.path)
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    daemon.signal(SIGTERM)
    #expect(await daemon.wait() == .status(0))
    #expect(hidden.names(in: daemon.stderr.text).isEmpty)
    await world.stop()
  }

  @Test("ese-agent, after it has written a Secret and its change")
  func agent() async throws {
    let hidden = HiddenValues()
    let world = try await AgentWorld([("password", hidden.text("first value"))])
    let manifest = try world.storeManifest(transport: "http")
    let token = try #require(manifest.split(separator: "\"").first { $0.hasPrefix("ey") })
    _ = hidden.add("token", token: String(token))
    try world.directory.write(manifest, to: "agent/store.yaml")
    try world.write(
      AgentWorld.externalSecret(
        "database", "refreshInterval: 1s\ndata: [{secretKey: password, remoteRef: {key: password}}]"), "database")
    let agent = try await world.readyAgent(["--log-level", "debug"])
    let second = hidden.text("second value")
    try world.put(second, "password")
    try await world.wait("the change") { world.secret("database")?["password"] == second }
    let found = try await hidden.search(process: agent.pid, control: world.output)
    #expect(try await hidden.searchDefaultCore(of: agent.pid, control: world.output).isEmpty)
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    agent.signal(SIGTERM)
    #expect(await agent.wait() == .status(0))
    #expect(hidden.names(in: agent.stderr.text).isEmpty)
    await world.stop()
  }
}
