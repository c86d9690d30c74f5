import FederationAPI
import Foundation
import Logging
import TTRPC
import TestSupport
import Testing
import Transport

/// A good client among clients that are slow and clients that send garbage.
@Suite(.timeLimit(.minutes(2))) struct HostilePeerTests {
  /// What the server's memory may grow by, in bytes: 400 peers hold at most a handshake or a head each.
  private static let memoryBound = 96 << 20

  /// Quiet and hostile phases change over so often that both meet the same machine.
  private static let roundCount = 6

  /// The 99th percentiles of one quiet and one hostile phase, in microseconds.
  private struct Round {
    let quiet: Int64
    let hostile: Int64

    var ratio: Double { Double(hostile) / Double(max(quiet, 1)) }
  }

  @Test("200 slow and 200 garbage clients neither slow a good client down nor cost much memory")
  func goodClientAmongBad() async throws {
    let server = try await ServedFederation.start(loops: 2)
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    try await server.roundTrip(in: group)
    let client = try await server.connect(in: group)
    _ = try await latencies(client, server, seconds: 1)
    let before = try server.residentBytes()
    let peers = try await PythonPeer.start(
      "Tests/HostilePeers/peers.py", [String(server.port), server.authority.certificateFile])
    _ = try await peers.stdout.waitForLine(prefix: "ready")

    var rounds: [Round] = []
    for _ in 0..<Self.roundCount {
      peers.signal(SIGSTOP)
      let quiet = try await latencies(client, server, seconds: 1.5)
      peers.signal(SIGCONT)
      let hostile = try await latencies(client, server, seconds: 2.5)
      rounds.append(Round(quiet: percentile99(quiet), hostile: percentile99(hostile)))
    }
    let after = try server.residentBytes()
    peers.signal(SIGTERM)
    _ = await peers.wait()

    let median = rounds.map(\.ratio).sorted()[rounds.count / 2]
    print(
      "p99 of a good client, quiet and among 400 hostile ones: "
        + rounds.map { "\($0.quiet) \($0.hostile) us" }.joined(separator: ", ")
        + "; median of the ratios \((median * 100).rounded() / 100)"
        + "; resident \(before >> 20) MiB, then \(after >> 20) MiB; \(peers.stdout.text)")
    #expect(median <= 3)
    #expect(after - before < Self.memoryBound)
    #expect(try count("garbage", in: peers) >= 400, "garbage was sent twice as often as there are who send it")
    // A slow one connects again only when it was cut off.
    #expect(try count("slow", in: peers) >= 400, "slow clients were cut off as often as there are slow ones")
    client.close()
    await group.shutDown(graceSeconds: 1)
    #expect(await server.stop() == .status(0))
  }

  /// How long each of the calls took that were made one after the other for `seconds`, in microseconds.
  private func latencies(
    _ client: FederationRPCClient, _ server: ServedFederation, seconds: Double
  ) async throws -> [Int64] {
    var latencies: [Int64] = []
    let end = MonotonicTime.now.advanced(bySeconds: seconds)
    while true {
      let start = MonotonicTime.now
      guard start < end else { return latencies }
      _ = try await client.getSecret(server.request("key-1"), credentials: server.credentials)
      latencies.append(Int64(start.nanoseconds(until: .now)) / 1_000)
    }
  }

  /// What `peers` counted under `name`, by the line that it ended with.
  private func count(_ name: String, in peers: ChildProgram) throws -> Int {
    let line = try #require(peers.stdout.text.split(separator: "\n").last)
    let field = try #require(line.split(separator: " ").first { $0.hasPrefix(name + "=") })
    return try #require(Int(field.dropFirst(name.count + 1)))
  }

  private func percentile99(_ latencies: [Int64]) -> Int64 {
    let sorted = latencies.sorted()
    return sorted.isEmpty ? .max : sorted[sorted.count * 99 / 100]
  }
}
