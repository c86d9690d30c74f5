import Identity
import Testing

@testable import Service

@Suite struct ServiceMeasuresTests {
  @Test("what is refused and what is held are told, by limits that all have a name")
  func measures() async throws {
    let world = try MemoryWorld()
    let token = try world.token()
    let session = try #require(world.handlers.makeImmediateAnswers()).session(binding: nil, peer: "test")
    await world.ask(session, token)
    await world.ask(session, nil)
    await world.ask(session, "no token")
    #expect(throws: SVIDRefusal.self) { try world.handlers.identity(ofPeer: []) }
    let seen = world.handlers.measures
    #expect(seen.authentication.refusedCalls == 2 && seen.refusedPeers == 1)
    #expect(seen.authentication.verifiedTokens == 1 && seen.authentication.keySets == 1)
    #expect(seen.watches == 0 && seen.watchedValues == 0 && seen.issuance == nil)
    #expect(seen.refusedCalls.count == 7 && seen.refusedCalls.values.allSatisfy { $0 == 0 })
  }
}
