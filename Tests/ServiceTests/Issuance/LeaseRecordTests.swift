import FederationAPI
import Ledger
import TestSupport
import Testing

@testable import Service

/// Credentials whose ID is known only once they are there: none is handed out, or given up, that the ledger does not know.
@Suite(.timeLimit(.minutes(1))) struct LeaseRecordTests {
  private func world() async throws -> IssuanceWorld {
    let world = try await IssuanceWorld()
    world.generator.lease()
    return world
  }

  @Test("the lease and its end are in the ledger when it is handed out, and its end ends it")
  func recorded() async throws {
    let world = try await world()
    #expect(try await world.generate().code == .ok)
    let state = try #require(try await world.ledger.everyState().first)
    #expect(state.phase == .live && state.state == #"{"id":"l1"}"#)
    #expect(state.expiresAtSeconds == RecordingGenerator.leaseEndSeconds)
    world.clock.advance(60)
    await world.reaper.pass()
    #expect(world.generator.cleaned == ["l1"])
    try await world.expectNothingLeft()
  }

  @Test("gone while it was made: no values, and one pass takes it back")
  func callerGone() async throws {
    let world = try await world()
    let gate = Gate()
    world.generator.afterMaking { _ in await gate.pass() }
    let task = Task { try await world.generate() }
    await gate.arrival()
    task.cancel()
    gate.open()
    #expect(try await task.value.code == .cancelled)
    #expect(world.generator.existing == ["l1"])
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("what nobody may have, and could not be taken back at once, is taken back by a pass", arguments: [false, true])
  func unfit(isAway: Bool) async throws {
    let world = try await world()
    let refusal = RPCError(.failedPrecondition, "unfit")
    world.generator.refuse(refusal)
    world.generator.afterMaking { _ in if isAway { world.ledger.failEverything() } }
    #expect(try await world.generate() == .failure(refusal))
    #expect(world.generator.existing == ["l1"])
    world.ledger.recover()
    #expect(try await world.audit(.generate).map(\.outcome) != ["ok"])
    await world.reaper.pass()
    #expect(world.generator.cleaned.contains("l1"))
    try await world.expectNothingLeft()
  }

  @Test("revoked, and perhaps forgotten, while it was made: ABORTED, and taken back", arguments: [false, true])
  func revokedMeanwhile(isForgotten: Bool) async throws {
    let world = try await world()
    world.generator.afterMaking { _ in
      await world.revokeAsOperator()
      if isForgotten { await world.reaper.pass() }
    }
    #expect(try await world.generate().code == .aborted)
    await world.reaper.pass()
    #expect(world.generator.cleaned.contains("l1"))
    try await world.expectNothingLeft()
  }

  @Test(
    "a ledger that is away at confirmation, written or not: UNAVAILABLE, no value, and taken back after the outage",
    arguments: [FailingLedger.Failure.before, .afterCommit])
  func confirmFails(failure: FailingLedger.Failure) async throws {
    let world = try await world()
    #expect(try await world.generateUnconfirmed(failure) == .failure(.ledgerUnavailable))
    #expect(world.generator.existing == ["l1"])
    world.ledger.recover()
    await world.reaper.pass()
    #expect(world.generator.cleaned.contains("l1"))
    try await world.expectNothingLeft()
  }
}
