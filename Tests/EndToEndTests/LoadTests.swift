import FederationAPI
import Foundation
import Logging
import TTRPC
import TestSupport
import Testing
import Transport

@Suite struct LoadTests {
  @Test("1,000 connections with 100 calls each: every call answered rightly, memory bounded and back down")
  func thousandConnections() async throws {
    let server = try await ServedFederation.start(loops: 2)
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    try await server.roundTrip(in: group)
    let before = try server.residentBytes()

    let results = try await withThrowingTaskGroup(of: (answered: Int, resident: Int).self) { tasks in
      for connection in 0..<1_000 {
        tasks.addTask { try await Self.hundredCalls(on: server, connection, in: group) }
      }
      return try await tasks.reduce(into: []) { $0.append($1) }
    }
    #expect(results.reduce(0) { $0 + $1.answered } == 100_000)
    let peak = max(results.map(\.resident).max() ?? 0, try server.residentBytes())
    server.releaseHeld()
    await group.shutDown(graceSeconds: 5)
    let after = try await server.settledResidentBytes(below: before + (peak - before) / 2)
    let mebibytes = [before, peak, after].map { $0 >> 20 }
    print("resident MiB before, at most and after: \(mebibytes)")
    #expect(peak - before < 256 << 20)
    #expect(after - before < (peak - before) / 2)
    #expect(await server.stop() == .status(0))
  }

  /// The calls of one connection, which is held open so that all thousand are there at once.
  private static func hundredCalls(
    on server: ServedFederation, _ connection: Int, in group: EventLoopGroup
  ) async throws -> (answered: Int, resident: Int) {
    let client = try await server.connect(in: group)
    server.hold(client)
    var answered = 0
    for call in 0..<100 {
      let name = "key-\((connection + call) % ServedFederation.keyCount)"
      let value = try await client.getSecret(server.request(name), credentials: server.credentials)
      if value.text == ServedFederation.value(of: name) { answered += 1 }
    }
    return (answered, connection % 100 == 0 ? try server.residentBytes() : 0)
  }
}
