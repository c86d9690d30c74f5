import FederationAPI
import Ledger
import Resources
import TestSupport
import Testing

@testable import Service

/// Credentials for tokens that several federations vouch for: federation a publishes the keys of b beside its own, and both
/// grant the same subjects the same generators.
@Suite(.timeLimit(.minutes(1))) struct SharedKeysTests {
  /// Federations a, whose name comes first, and b; `granting` have Authorizations.
  private static func manifests(
    _ federations: [String] = ["a", "b"], granting: [String] = ["a", "b"]
  ) -> Manifests {
    var manifests = Manifests.issuing(federations: federations)
    manifests.authorizations = granting.flatMap { Manifests.issuing(federation: $0).authorizations }
    return manifests
  }

  private let world: IssuanceWorld
  private let key: TestSigningKey

  init() async throws {
    world = try await IssuanceWorld(Self.manifests())
    key = try TestSigningKey()
    world.issuers.serve([key, world.key], at: "a.test")
  }

  /// A call of a's own workload, of the same subject and pod as the one of b that the world's key signs for.
  private func ofA(uid: String = "pod-uid") throws -> CallContext {
    CallContext(
      authorization: "Bearer \(try key.token(world.claims(uid: uid)))", peer: "192.0.2.2:1")
  }

  private func revokeSelf(_ call: CallContext) async throws -> Result<Void, RPCError> {
    await world.handlers.revokeSelf(RevokeSelfRequest(generator: IssuanceWorld.database), call).result()
  }

  @Test("D5: the state and the audit trail have all federations that vouched and granted, and no other")
  func recorded() async throws {
    #expect(try await world.generate().code == .ok)
    #expect(try await world.generate(IssuanceWorld.database, ofA()).code == .ok)
    world.reload(Self.manifests(["a", "b"], granting: ["b"]))
    #expect(try await world.generate(IssuanceWorld.other).code == .ok)
    let federations = try await world.ledger.everyState().sorted { $0.state < $1.state }.map(\.identity.federations)
    #expect(federations.map { $0.byName.map(\.name) } == [["a", "b"], ["a"], ["b"]])
    let audit = try await world.audit(.generate).compactMap { $0.identity?.federations.byName.map(\.name) }
    #expect(audit == [["a", "b"], ["a"], ["b"]])
  }

  @Test(
    "D5: a cluster that publishes another's keys takes nothing of that cluster's back, and is told that it is not all its"
  )
  func revocation() async throws {
    #expect(try await world.generate().code == .ok)
    #expect(try await world.generate(IssuanceWorld.database, ofA()).code == .ok)
    let refused = try await revokeSelf(try ofA())
    #expect(refused.code == .failedPrecondition && refused.message.hasPrefix("1 of this workload's credentials"))
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.phases() == ["app-0": [.live]])
    // A workload of another name is not told of it.
    let elsewhere = CallContext(
      authorization: "Bearer \(try key.token(world.claims(pod: "app-1")))", peer: "192.0.2.2:1")
    #expect(try await revokeSelf(elsewhere).code == .ok)
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.revokeSelf() == .ok)
    #expect(world.generator.existing == [])
    await world.issuance.journal.finish()
    let audit = try await world.audit(.revokeSelf).map {
      "\($0.outcome) \($0.identity?.federations.byName.map(\.name) ?? [])"
    }
    #expect(audit == [#"ok ["a"]"#, #"ok ["a", "b"]"#, #"FAILED_PRECONDITION ["a"]"#])
  }

  @Test("D5: a token that more federations vouch for than for the credential's takes it back")
  func more() async throws {
    world.issuers.serve([key], at: "a.test")
    #expect(try await world.generate().code == .ok)
    #expect(try await world.ledger.everyState().map { $0.identity.federations.map(\.name) } == [["b"]])
    world.issuers.serve([key, world.key], at: "a.test")
    world.clock.advance(600)
    #expect(try await revokeSelf(try ofA()).code == .ok)
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.revokeSelf() == .ok)
    #expect(world.generator.existing == [])
  }

  @Test(
    "a credential lives while one of its federations is there and grants it, and those that are not need not vouch",
    arguments: [true, false], ["a", "b"])
  func removal(isFederation: Bool, first: String) async throws {
    #expect(try await world.generate().code == .ok)
    let last = first == "a" ? "b" : "a"
    world.reload(Self.manifests(isFederation ? [last] : ["a", "b"], granting: [last]))
    for _ in 0..<3 {
      await world.reaper.pass()
      world.clock.advance(31)
    }
    #expect(try await world.phases() == ["app-0": [.live]])
    if last == "b" { #expect(try await revokeSelf(try ofA()).code == .unauthenticated) }
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.revokeSelf() == .ok)
    #expect(world.generator.existing == [])

    #expect(try await world.generate().code == .ok)
    world.reload(Self.manifests([], granting: []))
    await world.reaper.pass()
    world.clock.advance(30)
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("while a federation does not vouch that did, nothing is taken back, and RevokeCredentials does")
  func withdrawn() async throws {
    #expect(try await world.generate().code == .ok)
    world.issuers.serve([key], at: "a.test")
    world.clock.advance(600)
    let call = try world.call()
    #expect(try await revokeSelf(call).code == .failedPrecondition)
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.revoke("app-0").code == .ok)
    #expect(world.generator.existing == [])
  }
}
