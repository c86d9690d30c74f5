import FederationAPI
import Foundation
import TestSupport
import Testing

/// esi-cli --mode=daemon where the server has watches.
@Suite(.timeLimit(.minutes(2))) struct WatchDaemonTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func daemon(_ world: WatchWorld, _ transport: String, interval: String) async throws -> ChildProgram {
    let ca = try directory.write(String(decoding: world.caCertificates, as: UTF8.self), to: "ca.crt")
    let token = try directory.write(world.token(), to: "token")
    let daemon = try ChildProgram(
      product: "esi-cli",
      arguments: [
        "--mode=daemon", "--federated-server-url=https://127.0.0.1:\(world.server.address.port)",
        "--federated-transport=\(transport)", "--federated-token=\(token)", "--federated-ca-crt=\(ca)",
        "--daemon-refresh-interval=\(interval)",
        "--inject-on-file=\(directory.path)/out/key=app.key,\(directory.path)/out/other=app.other",
      ])
    _ = try await daemon.stdout.waitForLine(prefix: "ready")
    return daemon
  }

  private func content() throws -> String {
    try String(contentsOfFile: directory.path + "/out/key", encoding: .utf8)
  }

  private func lines(_ daemon: ChildProgram) -> [Substring] { daemon.stderr.text.split(separator: "\n") }

  /// Makes a change, and waits for the value and for the line that tells the change, which comes after it.
  private func change(_ daemon: ChildProgram, to value: String, by body: () throws -> Void) async throws {
    let told = lines(daemon).count
    try body()
    let deadline = MonotonicTime.now.advanced(bySeconds: 30)
    func isDone() throws -> Bool { try content() == value && lines(daemon).count > told }
    while try !isDone(), MonotonicTime.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
    #expect(try content() == value)
  }

  @Test(
    "a change is written at once, however long the interval, also after the server was away",
    arguments: ["auto", "rpc", "grpc"])
  func watched(transport: String) async throws {
    let world = try await WatchWorld()
    let daemon = try await daemon(world, transport, interval: "24h")
    #expect(try content() == "first")
    _ = try await daemon.stderr.waitForLine(containing: "changed ")
    for value in ["second", "third"] {
      try await change(daemon, to: value) { try world.reload(value: value) }
    }
    try await world.restart()
    try await change(daemon, to: "after the restart") { try world.reload(value: "after the restart") }
    daemon.signal(SIGTERM)
    #expect(await daemon.wait() == .status(0))
    // Nothing but what changed was written, and nothing failed.
    let lines = lines(daemon)
    #expect(lines.first?.hasPrefix("esi-cli: changed ") == true)
    #expect(lines.dropFirst().allSatisfy { $0 == "esi-cli: changed \(directory.path)/out/key" })
    #expect(lines.count == 4)
    await world.stop()
  }

  @Test("over HTTP the interval finds changes")
  func polled() async throws {
    let world = try await WatchWorld()
    let daemon = try await daemon(world, "http", interval: "1s")
    _ = try await daemon.stderr.waitForLine(containing: "changed ")
    try await change(daemon, to: "second") { try world.reload(value: "second") }
    daemon.signal(SIGTERM)
    #expect(await daemon.wait() == .status(0))
    #expect(!daemon.stderr.text.contains("watch"))
    await world.stop()
  }
}
