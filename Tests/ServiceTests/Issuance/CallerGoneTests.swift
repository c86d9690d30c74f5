import FederationAPI
import Synchronization
import TestSupport
import Testing

@testable import Service

/// Callers that leave before they have their credential.
@Suite(.timeLimit(.minutes(1))) struct CallerGoneTests {
  @Test("gone before: nothing is announced and nothing is made")
  func before() async throws {
    let world = try await IssuanceWorld()
    _ = try await world.handlers.verify(world.call(), caCertificates: []).result().get()
    let call = try world.call()
    let reply = world.handlers.generate(GenerateRequest(generator: IssuanceWorld.database), call)
    let gate = Gate()
    let task = Task {
      await gate.pass()
      return await reply.result()
    }
    await gate.arrival()
    task.cancel()
    #expect(await task.value.code == .cancelled)
    #expect(world.generator.made == [] && world.ledger.takeOperations() == [])
    try await world.expectNothingLeft()
  }

  @Test("gone while it was announced: nothing is made, and one pass forgets it")
  func whileAnnounced() async throws {
    let world = try await IssuanceWorld()
    try await leave(world, at: .announce)
    #expect(world.generator.made == [])
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("gone while it was made: no values, and one pass cleans up")
  func whileMade() async throws {
    let world = try await IssuanceWorld()
    let gate = Gate()
    world.generator.beforeMaking { _ in await gate.pass() }
    let task = Task { try await world.generate() }
    await gate.arrival()
    task.cancel()
    gate.open()
    #expect(try await task.value.code == .cancelled)
    #expect(world.generator.existing == ["c1"])
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("gone while it was confirmed: no values, although it was live for a moment, and one pass cleans up")
  func whileConfirmed() async throws {
    let world = try await IssuanceWorld()
    try await leave(world, at: .confirm)
    #expect(world.generator.existing == ["c1"])
    await world.reaper.pass()
    try await world.expectNothingLeft()
    #expect(try await world.audit(.cleanUp).map(\.detail) == ["its caller went away"])
  }

  @Test("gone while the ledger is away as well: cleaned up once it is back")
  func duringOutage() async throws {
    let world = try await IssuanceWorld()
    let gate = Gate()
    world.generator.afterMaking { _ in await gate.pass() }
    let task = Task { try await world.generate() }
    await gate.arrival()
    task.cancel()
    world.ledger.failEverything()
    gate.open()
    #expect(try await task.value.code == .cancelled)
    await world.reaper.pass()
    #expect(world.generator.existing == ["c1"])
    world.ledger.recover()
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("a revocation goes on without its caller")
  func revocation() async throws {
    let world = try await IssuanceWorld()
    #expect(try await world.generate().code == .ok)
    let gate = Gate()
    world.generator.beforeCleaning { _ in await gate.pass() }
    let task = Task { try await world.revokeSelf() }
    await gate.arrival()
    task.cancel()
    gate.open()
    _ = try await task.value
    try await world.expectNothingLeft()
  }

  private func leave(_ world: IssuanceWorld, at operation: FailingLedger.Operation) async throws {
    let gate = Gate()
    world.ledger.stop(at: operation, gate)
    let task = Task { try await world.generate() }
    await gate.arrival()
    task.cancel()
    gate.open()
    #expect(try await task.value.code == .cancelled)
    world.ledger.stop(at: operation, nil)
  }
}
