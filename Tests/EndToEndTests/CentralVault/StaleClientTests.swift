import FederationAPI
import FederationClient
import Synchronization
import TestSupport
import Testing

/// One server whose Vault seals itself: what FederationClient and esi-cli tell their users.
@Suite(.timeLimit(.minutes(5))) struct StaleClientTests {
  private static let first = SecretName(store: "vault", key: "metrics-login")
  private static let second = SecretName(store: "vault", key: "metrics-more")
  private static let data = Array(#"[{"secretKey":"p","remoteRef":{"key":"metrics-login"}}]"#.utf8)

  /// What was told of values that are past their time.
  private final class Told: Sendable {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0.sorted() } }
    func note(_ name: String, _ seconds: UInt32) { names.withLock { $0.append(seconds > 0 ? name : "no seconds") } }
  }

  private func client(
    _ world: CentralVaultWorld, _ transport: FederationTransport
  ) throws -> FederationClient {
    try FederationClient(
      configuration: FederationClientConfiguration(
        server: ServerAddress(parsing: "https://127.0.0.1:\(world.port)"), transport: transport,
        token: .fixed(try world.token()), caFile: world.authority.certificateFile, timeoutSeconds: 60))
  }

  /// What a client is told by each of its calls.
  private func told(_ client: FederationClient, watches: Bool) async throws -> [String] {
    let told = Told()
    for names in [[Self.first], [Self.first, Self.second]] {
      for result in await client.secrets(names, noteStale: { told.note("\($0)", $1) }) { _ = try result.get() }
    }
    _ = try await client.resolve(store: "vault", data: Self.data) { told.note("resolve", $0) }
    if watches {
      for try await change in client.watch([SecretReference(store: "vault", key: "metrics-login")]) {
        _ = try change.outcome.get()
        if let seconds = change.staleSeconds { told.note("watch", seconds) }
        break
      }
    }
    return told.all
  }

  /// What esi-cli writes on stderr.
  private func warned(
    _ world: CentralVaultWorld, _ transport: FederationTransport, _ directory: TemporaryDirectory
  ) async throws -> String {
    let esi = try ChildProgram(
      product: "esi-cli",
      arguments: [
        "--mode=init", "--federated-server-url=https://127.0.0.1:\(world.port)",
        "--federated-token=\(try directory.write(try world.token(), to: "token"))",
        "--federated-ca-crt=\(world.authority.certificateFile)", "--federated-transport=\(transport.rawValue)",
        "--inject-on-env=A=\(Self.first),B=\(Self.second)", "--binary-path=/usr/bin/env",
      ], environment: [:])
    #expect(await esi.wait(timeoutSeconds: 120) == .status(0))
    #expect(esi.stdout.text.contains("hunter2"))
    return esi.stderr.text
  }

  @Test("while Vault is away every call over every wire tells so, and before it none does")
  func everyWire() async throws {
    // A value lives for so long that none is past its time before Vault is away.
    let world = try await CentralVaultWorld(["refresh: 30s": "refresh: 5s"])
    for name in ["metrics-login", "metrics-more"] {
      try await world.vault.put(name, ["username": "metrics", "password": "hunter2"])
    }
    let directory = try TemporaryDirectory()
    let transports: [FederationTransport] = [.rpc, .grpc, .http]
    for transport in transports {
      let client = try client(world, transport)
      #expect(try await told(client, watches: transport != .http).isEmpty)
      await client.close()
      #expect(try await warned(world, transport, directory).isEmpty)
    }
    try await world.vault.set(["sealed": true])
    let asking = try client(world, .rpc)
    let seen = Told()
    let deadline = MonotonicTime.now.advanced(bySeconds: 120)
    while Set(seen.all).count < 2, MonotonicTime.now < deadline {
      _ = await asking.secrets([Self.first, Self.second], noteStale: { seen.note("\($0)", $1) })
      try await Task.sleep(for: .milliseconds(50))
    }
    await asking.close()
    let (first, second) = ("\(Self.first)", "\(Self.second)")
    for transport in transports {
      let client = try client(world, transport)
      let watched = transport == .http ? [] : ["watch"]
      #expect(
        try await told(client, watches: transport != .http) == ["resolve", first, first, second] + watched,
        "\(transport)")
      await client.close()
      let lines = try await warned(world, transport, directory).split(separator: "\n").sorted()
      #expect(lines.count == 2, "\(lines)")
      for (line, key) in zip(lines, ["metrics-login", "metrics-more"]) {
        let end = " s past its refresh: its backend does not answer"
        #expect(line.hasPrefix("esi-cli: warning: vault/\(key) is ") && line.hasSuffix(end), "\(line)")
      }
    }
    #expect(await world.stop() == .status(0))
  }
}
