import FederationAPI
import Foundation
import Logging
import TTRPC
import TestSupport
import Testing
import Transport

@Suite struct DrainTests {
  private enum Outcome: Sendable {
    case answered
    case unavailable
    case wrong(String)
  }

  @Test("kill -TERM under load: every call that the server carried out reaches its caller, and it exits 0")
  func terminateUnderLoad() async throws {
    let server = try await ServedFederation.start(loops: 2, arguments: ["--log-level", "debug"])
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let (progress, progressed) = AsyncStream<Void>.makeStream()
    var clients: [FederationRPCClient] = []
    for _ in 0..<40 { clients.append(try await server.connect(in: group)) }
    let connected = clients
    let calling = Task {
      try await withThrowingTaskGroup(of: [Outcome].self) { tasks in
        for client in connected {
          for _ in 0..<8 {
            tasks.addTask { await Self.callUntilRefused(client, server) { progressed.yield() } }
          }
        }
        return try await tasks.reduce(into: []) { $0 += $1 }
      }
    }
    // Under way: a thousand answers have come.
    var seen = 0
    for await _ in progress {
      seen += 1
      if seen == 1_000 { break }
    }
    server.terminate()
    #expect(await server.exit() == .status(0))
    let outcomes = try await calling.value
    var answered = 0
    for outcome in outcomes {
      switch outcome {
      case .answered: answered += 1
      case .unavailable: break
      case .wrong(let text): Issue.record("\(text)")
      }
    }
    // Each call that was carried out left one line; each of them must have been answered, and no other.
    #expect(server.countLogLines(containing: "\"event\":\"secret_read\"") == answered)
    #expect(answered >= 1_000)
    await group.shutDown(graceSeconds: 1)
  }

  private static func callUntilRefused(
    _ client: FederationRPCClient, _ server: ServedFederation, progressed: @Sendable () -> Void
  ) async -> [Outcome] {
    var outcomes: [Outcome] = []
    while true {
      do {
        let value = try await client.getSecret(server.request("key-1"), credentials: server.credentials)
        let isRight = value.text == ServedFederation.value(of: "key-1")
        outcomes.append(isRight ? .answered : .wrong("wrong value"))
        progressed()
      } catch {
        outcomes.append(error.code == .unavailable ? .unavailable : .wrong(error.description))
        return outcomes
      }
    }
  }
}
