import FederationAPI
import Ledger
import Testing

@testable import Service

/// What callers can make the server log about credentials.
@Suite(.timeLimit(.minutes(1))) struct IssuanceLinesTests {
  private func count(_ world: IssuanceWorld, _ event: String, _ more: String = ",") -> Int {
    world.log.split(separator: "\n").count { $0.contains("\"event\":\"\(event)\"") && $0.contains(more) }
  }

  @Test(
    "a flood of calls while the ledger is away is ten lines a second of each kind, and the next line tells of the others",
    arguments: [
      (FailingLedger.Operation.announce, "announce"), (.confirm, "confirm"), (.states, "revoke"), (.mark, "revoke"),
    ])
  func ledgerAway(operation: FailingLedger.Operation, doing: String) async throws {
    let world = try await IssuanceWorld(limits: .none)
    let isRevocation = operation == .states || operation == .mark
    if isRevocation { #expect(try await world.generate().code == .ok) }
    world.ledger.fail(operation)
    let call = try world.call()
    func ask() async throws -> StatusCode {
      isRevocation
        ? try await world.revokeSelf(IssuanceWorld.database, call)
        : try await world.generate(IssuanceWorld.database, call).code
    }
    for _ in 0..<60 { #expect(try await ask() == .unavailable) }
    #expect(count(world, "ledger_failed", "\"doing\":\"\(doing)\"") == 10)
    world.clock.advance(1)
    #expect(try await ask() == .unavailable)
    #expect(count(world, "ledger_failed", "\"doing\":\"\(doing)\"") == 11)
    #expect(count(world, "ledger_failed", "\"suppressed_before\":\"50\"") == 1)
  }

  @Test("a flood of calls whose credentials cannot be withdrawn is ten lines a second")
  func withdrawals() async throws {
    let world = try await IssuanceWorld(limits: .none)
    world.generator.afterMaking { _ throws(RPCError) in throw RPCError(.unavailable, "away") }
    world.ledger.fail(.mark)
    let call = try world.call()
    for _ in 0..<60 { #expect(try await world.generate(IssuanceWorld.database, call).code == .unavailable) }
    #expect(count(world, "ledger_failed", "\"doing\":\"withdraw\"") == 10)
    #expect(count(world, "generate_failed") == 20)
  }

  @Test(
    "a caller that generates and revokes without end is a hundred lines a second, and one whose revocations fail as many"
  )
  func removals() async throws {
    let world = try await IssuanceWorld(limits: .none)
    let call = try world.call()
    for _ in 0..<150 { #expect(try await world.generate(IssuanceWorld.database, call).code == .ok) }
    #expect(try await world.revokeSelf(IssuanceWorld.database, call) == .ok)
    #expect(count(world, "credential_removed") == 100)
    #expect(try await world.audit(.revokeSelf).count == 150)
    world.generator.beforeCleaning { _ throws(RPCError) in throw RPCError(.failedPrecondition, "no") }
    #expect(try await world.generate(IssuanceWorld.database, call).code == .ok)
    for _ in 0..<150 { #expect(try await world.revokeSelf(IssuanceWorld.database, call) == .unavailable) }
    #expect(count(world, "credential_not_removed") == 100)
  }
}
