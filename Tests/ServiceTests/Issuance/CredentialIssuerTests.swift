import FederationAPI
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Service

/// What is in the ledger at each moment of a credential's making, and what is left when something goes wrong.
@Suite(.timeLimit(.minutes(1))) struct CredentialIssuerTests {
  @Test("D17: announced before it is made, live with its records before it is handed out")
  func order() async throws {
    let world = try await IssuanceWorld()
    let seen = Mutex<[GeneratorState]>([])
    world.generator.beforeMaking { _ in
      let states = (try? await world.ledger.everyState()) ?? []
      seen.withLock { $0 = states }
    }
    let values = try await world.generate().get()
    #expect(values == ["password": SecretBytes(RecordingGenerator.valuePrefix + "c1")])

    let before = seen.withLock { $0 }
    #expect(before.map(\.phase) == [.pending])
    let state = try #require(try await world.ledger.everyState().first)
    #expect(state.phase == .live && state.name == before.first?.name)
    #expect(state.owner.name == "app-0" && state.state == #"{"id":"c1"}"#)
    #expect(state.expiresAtSeconds == MemoryWorld.start + 86_400)

    let records = try await world.ledger.identities(name: nil)
    let binding = WorkloadBinding(kind: "Pod", name: "app-0", uid: "pod-uid", namespace: "apps")
    #expect(
      records.map(\.issuedCredentials) == [
        [
          IssuedCredential(
            source: .generator(IssuanceWorld.database, stateName: state.name), workload: binding,
            lastIssuedAtSeconds: MemoryWorld.start)
        ]
      ])
    let audit = try await world.audit()
    #expect(audit.map(\.action) == [.generate] && audit.map(\.outcome) == ["ok"])
    #expect(audit.first?.stateName == state.name && audit.first?.owner == "app-0")
  }

  @Test("no value and no token is in any file of the ledger, nor in the log")
  func nothingSecretStored() async throws {
    let world = try await IssuanceWorld()
    let call = try world.call()
    _ = try await world.generate(IssuanceWorld.database, call).get()
    world.generator.afterMaking { _ throws(RPCError) in throw RPCError(.unavailable, "away") }
    #expect(try await world.generate(IssuanceWorld.database, call).code == .unavailable)
    await world.reaper.pass()
    #expect(try await world.revokeSelf(IssuanceWorld.database, call) == .ok)
    await world.issuance.close()
    let token = try #require(call.authorization?.dropFirst("Bearer ".count))
    var scanned = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: world.directory.path) {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: world.directory.path + "/" + name))
      scanned += bytes.count
      for secret in [RecordingGenerator.valuePrefix, String(token), String(token.suffix(40))] {
        #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name)")
      }
    }
    #expect(scanned > 10_000)
    #expect(!world.log.contains(RecordingGenerator.valuePrefix) && !world.log.contains(token))
  }

  @Test("a generator that fails before or after it made something: its error, no value, and one pass cleans up")
  func generatorFails() async throws {
    let world = try await IssuanceWorld()
    let failure = RPCError(.failedPrecondition, "refused")
    world.generator.beforeMaking { _ throws(RPCError) in throw failure }
    #expect(try await world.generate() == .failure(failure))
    world.generator.beforeMaking { _ in }
    world.generator.afterMaking { _ throws(RPCError) in throw failure }
    #expect(try await world.generate() == .failure(failure))
    #expect(world.generator.existing == ["c2"])
    #expect(try await world.ledger.everyState().map(\.phase) == [.revoking, .revoking])
    await world.reaper.pass()
    try await world.expectNothingLeft()
    #expect(world.generator.cleaned.sorted() == ["c1", "c2"])
    #expect(try await world.audit(.cleanUp).map(\.detail) == ["generation failed", "generation failed"])
    await world.issuance.journal.flush()
    #expect(try await world.audit(.generate).map(\.outcome) == ["FAILED_PRECONDITION"])
  }

  @Test(
    "a ledger that is away at announcement: UNAVAILABLE, nothing is made, and nothing is left after the outage",
    arguments: [FailingLedger.Failure.before, .afterCommit])
  func announceFails(failure: FailingLedger.Failure) async throws {
    let world = try await IssuanceWorld()
    world.ledger.fail(.announce, as: failure)
    world.ledger.fail(.mark, .states)
    #expect(try await world.generate() == .failure(.ledgerUnavailable))
    #expect(world.generator.made == [])
    #expect(try await world.ledger.everyState().count == (failure == .afterCommit ? 1 : 0))
    await world.reaper.pass()
    world.ledger.recover()
    await world.reaper.pass()
    try await world.expectNothingLeft()
    #expect(world.generator.cleaned == (failure == .afterCommit ? ["c1"] : []))
  }

  @Test("a state whose name is taken is not ours to withdraw")
  func nameTaken() async throws {
    let world = try await IssuanceWorld()
    world.ledger.fail(.announce, as: .conflict)
    #expect(try await world.generate() == .failure(.ledgerUnavailable))
    #expect(!world.ledger.takeOperations().contains(.mark))
  }

  @Test("what is remembered of announcements that failed is bounded")
  func boundedWithdrawals() async throws {
    let world = try await IssuanceWorld()
    world.ledger.failEverything()
    for number in 0..<(Withdrawals.maximumUnmade + 10) {
      await world.issuance.withdrawals.withdraw(unmade: "s\(number)", because: "x")
    }
    #expect(await world.issuance.withdrawals.count == Withdrawals.maximumUnmade)
    await world.issuance.withdrawals.withdraw("made", because: "x")
    #expect(await world.issuance.withdrawals.count == Withdrawals.maximumUnmade + 1)
  }

  @Test(
    "a ledger that is away at confirmation, written or not: UNAVAILABLE, no value, and one pass cleans up",
    arguments: [FailingLedger.Failure.before, .afterCommit])
  func confirmFails(failure: FailingLedger.Failure) async throws {
    let world = try await IssuanceWorld()
    #expect(try await world.generateUnconfirmed(failure) == .failure(.ledgerUnavailable))
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.ledger.everyState().map(\.phase) == [failure == .before ? .pending : .live])
    world.ledger.failEverything()
    await world.reaper.pass()
    #expect(world.generator.existing == ["c1"])
    world.ledger.recover()
    await world.reaper.pass()
    try await world.expectNothingLeft()
    #expect(world.generator.cleaned == ["c1"])
  }

  @Test("what is to be withdrawn when the server ends is marked before it does")
  func withdrawnAtEnd() async throws {
    let world = try await IssuanceWorld()
    #expect(try await world.generateUnconfirmed(.afterCommit).code == .unavailable)
    world.ledger.recover()
    await world.issuance.close()
    let later = try await LedgerLocation.directory(world.directory.path).open()
    #expect(try await later.states(StateFilter(), limit: 9).map(\.phase) == [.revoking])
    await later.close()
  }

  @Test("revoked while it was made, not cleaned up yet: ABORTED, no value, and one pass cleans up")
  func revokedMeanwhile() async throws {
    let world = try await IssuanceWorld()
    world.generator.afterMaking { _ in await world.revokeAsOperator() }
    #expect(try await world.generate().code == .aborted)
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("revoked, cleaned up and forgotten before anything was made: what was made then is not lost")
  func forgottenMeanwhile() async throws {
    let world = try await IssuanceWorld()
    world.generator.beforeMaking { _ in
      await world.revokeAsOperator()
      await world.reaper.pass()
    }
    #expect(try await world.generate().code == .aborted)
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.ledger.everyState().map(\.phase) == [.revoking])
    await world.reaper.pass()
    try await world.expectNothingLeft()
    #expect(world.generator.cleaned == ["c1", "c1"])
  }

  @Test("forgotten meanwhile, and the ledger away when that shows: announced again after the outage")
  func forgottenAndAway() async throws {
    let world = try await IssuanceWorld()
    world.generator.beforeMaking { _ in
      await world.revokeAsOperator()
      await world.reaper.pass()
      world.ledger.fail(.announce, .mark)
    }
    #expect(try await world.generate().code == .aborted)
    world.ledger.recover()
    world.ledger.fail(.announce, as: .afterCommit)
    await world.reaper.pass()
    world.ledger.recover()
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("revocation by callers leaves alone what is still being made, so that it is neither lost nor refused")
  func revocationBesideGeneration() async throws {
    let world = try await IssuanceWorld()
    let first = try await world.generate()
    let gate = Gate()
    world.generator.beforeMaking { _ in await gate.pass() }
    let second = Task { try await world.generate() }
    await gate.arrival()
    #expect(try await world.revokeSelf() == .ok)
    #expect(try await world.revoke("app-0").code == .ok)
    #expect(world.generator.existing == [])
    gate.open()
    #expect(try await second.value.code == .ok)
    #expect(first.code == .ok && world.generator.existing == ["c2"])
    #expect(try await world.ledger.everyState().map(\.phase) == [.live])
  }
}
