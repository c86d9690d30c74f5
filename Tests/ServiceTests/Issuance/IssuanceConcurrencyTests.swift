import FederationAPI
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Service

/// Many at once, with failures at every point and the reaper beside them.
@Suite(.timeLimit(.minutes(1))) struct IssuanceConcurrencyTests {
  @Test("in the end the ledger, the generator and the callers agree on what exists")
  func agreement() async throws {
    let world = try await IssuanceWorld()
    _ = try await world.handlers.verify(world.call(), caCertificates: []).result().get()
    let failure = RPCError(.unavailable, "away")
    world.generator.beforeMaking { _ throws(RPCError) in
      await Task.yield()
      if Int.random(in: 0..<6) == 0 { throw failure }
    }
    world.generator.afterMaking { _ throws(RPCError) in
      await Task.yield()
      if Int.random(in: 0..<6) == 0 { throw failure }
    }
    let isDone = Atomic(false)
    async let reaping: Void = {
      while !isDone.load(ordering: .relaxed) { await world.reaper.pass() }
    }()
    let results = try await withThrowingTaskGroup(of: (Int, Result<[String: SecretBytes], RPCError>).self) { group in
      for number in 0..<200 {
        let call = try world.call(world.claims(pod: "pod-\(number)"))
        group.addTask {
          let task = Task {
            await world.handlers.generate(GenerateRequest(generator: IssuanceWorld.database), call).result()
          }
          if number % 10 == 0 { task.cancel() }
          return (number, await task.value)
        }
        // Revocations of others' pods and of pods that may not be there yet.
        if number % 20 == 5 { group.addTask { (-1, try await world.revoke("pod-\(number - 5)").map { [:] }) } }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    isDone.store(true, ordering: .relaxed)
    await reaping
    for _ in 0..<2 {
      world.clock.advance(5)
      await world.reaper.pass()
    }
    let values = results.filter { $0.key >= 0 }.compactMap { try? $0.value.get()["password"] }
    let handedOut = Set(values.compactMap(\.text).map { String($0.dropFirst(RecordingGenerator.valuePrefix.count)) })
    let states = try await world.ledger.everyState()
    #expect(states.allSatisfy { $0.phase == .live })
    let live = Set(states.map { String($0.state.dropFirst(7).dropLast(2)) })
    #expect(live == world.generator.existing)
    // What was handed out and then revoked by its owner is the only difference there may be.
    let revoked = Set(try await world.audit(.revoke).compactMap(\.stateName)).count
    #expect(live.isSubset(of: handedOut) && handedOut.count == live.count + revoked)
    #expect(handedOut.count == values.count && handedOut.count > 60 && handedOut.count < 200)
    #expect(try await world.audit(.generate).filter { $0.outcome == "ok" }.count >= handedOut.count)
    #expect(await world.issuance.withdrawals.count == 0)
  }
}
