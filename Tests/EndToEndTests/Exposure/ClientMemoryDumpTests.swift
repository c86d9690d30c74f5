import Foundation
import Glibc
import TestSupport
import Testing

/// What whoever gets hold of a client's core or log learns of the secrets that it writes and of the token that it shows.
@Suite(
  .timeLimit(.minutes(5)),
  .enabled(if: HiddenValues.maySearch, "a core of a process that cannot be dumped needs CAP_SYS_PTRACE"))
struct ClientMemoryDumpTests {
  @Test("esi-cli --mode=daemon, while it waits for changes", arguments: ["rpc", "grpc", "http"])
  func daemon(transport: String) async throws {
    let (hidden, world, directory) = (HiddenValues(), try await WatchWorld(), try TemporaryDirectory())
    try world.reload(value: hidden.text("first value"))
    let daemon = try ChildProgram(
      product: "esi-cli",
      arguments: [
        "--mode=daemon", "--federated-server-url=https://127.0.0.1:\(world.server.address.port)",
        "--federated-transport=\(transport)", "--federated-ca-crt=\(world.certificateFile)",
        "--federated-token=\(try directory.write(hidden.add("token", token: world.token()), to: "token"))",
        "--daemon-refresh-interval=\(transport == "http" ? "1s" : "24h")",
        "--inject-on-file=\(directory.path)/out/key=app.key",
      ])
    _ = try await daemon.stdout.waitForLine(prefix: "ready")
    let second = hidden.text("second value")
    try world.reload(value: second)
    _ = try await daemon.stderr.waitForLine(containing: "changed \(directory.path)/out/key")
    #expect(try await hidden.search(process: daemon.pid, control: directory.path).isEmpty)
    daemon.signal(SIGTERM)
    #expect(await daemon.wait() == .status(0))
    #expect(hidden.names(in: daemon.stderr.text).isEmpty)
    await world.stop()
  }

  @Test("ese-agent, after it has written a Secret and its change", arguments: ["rpc", "grpc", "http"])
  func agent(transport: String) async throws {
    let hidden = HiddenValues()
    let world = try await AgentWorld([("password", hidden.text("first value"))])
    let manifest = try world.storeManifest(transport: transport)
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
    #expect(try await hidden.search(process: agent.pid, control: world.output).isEmpty)
    agent.signal(SIGTERM)
    #expect(await agent.wait() == .status(0))
    #expect(hidden.names(in: agent.stderr.text).isEmpty)
    await world.stop()
  }
}
