import FederationAPI
import Foundation
import GRPC
import Logging
import TTRPC
import TestSupport
import Testing
import Transport

/// What many watchers cost a server, and how soon a change has reached them all.
@Suite(.serialized, .timeLimit(.minutes(5))) struct WatchLoadTests {
  private static let connections = 100
  private static let streams = 100
  private static var watchers: Int { connections * streams }

  private func connect(
    _ wire: WatchWorld.Wire, _ server: ServedFederation, in group: EventLoopGroup
  ) async throws -> FederationRPCClient {
    switch wire {
    case .ttrpc: return try await server.connect(in: group)
    case .grpc:
      let target = try DialTarget.loopback(server.port, GRPCClient.alpn, ca: server.authority, timeoutSeconds: 60)
      return FederationRPCClient(client: try await GRPCClient.connect(target, group: group))
    }
  }

  /// Seconds of processor time that the process has used.
  private func processorSeconds(_ server: ServedFederation) throws -> Double {
    let text = try String(contentsOfFile: "/proc/\(server.process.pid)/stat", encoding: .utf8)
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    return Double((Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Waits until each watch has `value`; counts those that had something else.
  private func wrong(_ calls: [WatchSecretsCall], until value: String) async -> Int {
    await withTaskGroup(of: Bool.self) { tasks in
      for call in calls {
        tasks.addTask {
          let event = try? await call.change()
          return event?.kind == .value(SecretBytes(value))
        }
      }
      return await tasks.reduce(into: 0) { $0 += $1 ? 0 : 1 }
    }
  }

  @Test("one change reaches 10,000 watchers on 100 connections", arguments: WatchWorld.Wire.allCases)
  func manyWatchers(wire: WatchWorld.Wire) async throws {
    let server = try await ServedFederation.start(loops: 2)
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    try await server.roundTrip(in: group)
    var clients: [FederationRPCClient] = []
    for _ in 0..<Self.connections {
      let client = try await connect(wire, server, in: group)
      _ = try await client.getSecret(server.request("key-1"), credentials: server.credentials)
      clients.append(client)
    }
    let before = try server.residentBytes()
    let request = WatchSecretsRequest(
      secrets: [SecretReference(store: "fake", key: "key-1")], caCertificates: server.authority.certificatePEM)
    let start = MonotonicTime.now
    var calls: [WatchSecretsCall] = []
    for client in clients {
      for _ in 0..<Self.streams { calls.append(try client.watchSecrets(request, credentials: server.credentials)) }
    }
    #expect(await wrong(calls, until: ServedFederation.value(of: "key-1")) == 0)
    let begun = Double(start.nanoseconds(until: .now)) / 1e9
    let memory = (try server.residentBytes() - before) / Self.watchers

    let used = try processorSeconds(server)
    try await Task.sleep(for: .seconds(2))
    let idle = (try processorSeconds(server) - used) / 2

    let changed = MonotonicTime.now
    try server.rewriteManifests(
      ServedFederation.manifests(issuer: server.issuer.url) {
        $0 == "key-1" ? "changed" : ServedFederation.value(of: $0)
      })
    #expect(await wrong(calls, until: "changed") == 0)
    let reached = Double(changed.nanoseconds(until: .now)) / 1e9
    print(
      "\(wire.rawValue): \(Self.watchers) watches begun in \(begun) s, \(memory) bytes each; one change reached all in "
        + "\(reached) s; \(idle * 100) % of a core while nothing changes")
    #expect(reached < 30)
    #expect(memory < 32_768)
    for client in clients { client.close() }
    await group.shutDown(graceSeconds: 0)
    #expect(await server.stop() == .status(0))
  }
}
