import FederationAPI
import Ledger
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Service

/// What the reaper takes back, and when.
@Suite(.timeLimit(.minutes(1))) struct ReaperTests {
  private let world: IssuanceWorld

  init() async throws { world = try await IssuanceWorld() }

  private func reason(_ world: IssuanceWorld? = nil) async throws -> [String?] {
    try await (world ?? self.world).audit(.cleanUp).map(\.detail)
  }

  @Test("what has expired, in the second in which it does")
  func expired() async throws {
    _ = try await world.generate().get()
    world.clock.advance(86_399)
    await world.reaper.pass()
    #expect(world.generator.existing == ["c1"])
    world.clock.advance(1)
    await world.reaper.pass()
    try await world.expectNothingLeft()
    #expect(try await reason() == ["expired"])
    #expect(try await world.audit(.cleanUp).first?.identity == nil)
  }

  @Test("what is issued and taken back is counted, and of the ledger's credentials whoever reaps tells")
  func measures() async throws {
    func seen() throws -> IssuanceMeasures { try #require(world.handlers.measures.issuance) }
    #expect(try seen() == IssuanceMeasures(issued: 0, failed: 0, removed: 0, cleanupFailures: 0, credentials: nil))
    _ = try await world.generate().get()
    world.ledger.fail(.announce)
    _ = try await world.generate()
    world.ledger.recover()
    await world.reaper.pass()
    #expect(try seen().issued == 1)
    #expect(try seen().failed == 1)
    #expect(try seen().credentials == [.pending: 0, .live: 1, .revoking: 0])
    world.ledger.loseLead(true)
    await world.reaper.pass()
    #expect(try seen().credentials == nil)
    world.ledger.loseLead(false)
    world.generator.beforeCleaning { _ throws(RPCError) in throw RPCError(.unavailable, "away") }
    #expect(try await world.revokeSelf() == .unavailable)
    await world.reaper.pass()
    #expect(try seen().cleanupFailures == 1)
    #expect(try seen().credentials == [.pending: 0, .live: 0, .revoking: 1])
    world.generator.beforeCleaning { _ in }
    world.clock.advance(5)
    await world.reaper.pass()
    #expect(try seen().removed == 1)
  }

  @Test("D21: a cleanup that fails is kept, tried when it is due and never before, with growing pauses up to a bound")
  func postponed() async throws {
    let world = try await IssuanceWorld(adjust: { $0.maximumRetrySeconds = 30 })
    _ = try await world.generate().get()
    let tries = Mutex(0)
    world.generator.beforeCleaning { _ throws(RPCError) in
      tries.withLock { $0 += 1 }
      throw RPCError(.unavailable, "away")
    }
    #expect(try await world.revokeSelf() == .unavailable)
    for (attempt, pause) in [5, 10, 20, 30, 30, 30].enumerated() {
      world.clock.advance(Double(pause - 1))
      await world.reaper.pass()
      #expect(tries.withLock { $0 } == attempt + 1)
      world.clock.advance(1)
      await world.reaper.pass()
      #expect(tries.withLock { $0 } == attempt + 2)
      let state = try #require(try await world.ledger.everyState().first)
      #expect(state.attempts == attempt + 2 && state.lastError == "UNAVAILABLE: away")
    }
    world.generator.beforeCleaning { _ in }
    world.clock.advance(30)
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("a backend that is away is not asked for each of its credentials, and all of them are kept")
  func outage() async throws {
    let world = try await IssuanceWorld()
    for _ in 0..<60 { _ = try await world.generate().get() }
    let tries = Mutex(0)
    world.generator.beforeCleaning { _ throws(RPCError) in
      tries.withLock { $0 += 1 }
      throw RPCError(.unavailable, "away")
    }
    #expect(try await world.revokeSelf() == .unavailable)
    // Those that were begun at once, and three more at the most.
    #expect(tries.withLock { $0 } < 12)
    let states = try await world.ledger.everyState()
    #expect(states.count == 60)
    #expect(states.allSatisfy { $0.attempts == 1 && $0.lastError == "UNAVAILABLE: away" })
    world.generator.beforeCleaning { _ in }
    world.clock.advance(5)
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("a backend that hangs holds up neither the pass nor what others have made", .timeLimit(.minutes(1)))
  func hanging() async throws {
    let world = try await IssuanceWorld(adjust: { settings in
      settings.reaperIntervalSeconds = 0.2
      settings.defaultLeaseSeconds = 60
    })
    let hangs = try await world.generate().get()
    let gate = Gate()
    world.generator.beforeCleaning { id in if id == "c1" { await gate.pass() } }
    world.clock.advance(60)
    await world.reaper.pass()
    #expect(world.generator.existing == ["c1"])
    _ = try await world.generate(IssuanceWorld.other).get()
    world.clock.advance(60)
    await world.reaper.pass()
    #expect(world.generator.cleaned == ["c2"])
    #expect(!hangs.isEmpty)
    // It was begun once, and ends when its backend is back.
    gate.open()
    while !world.generator.existing.isEmpty { await Task.yield() }
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("pauses never overflow, however often it failed")
  func pauses() {
    let settings = IssuanceSettings()
    for attempts in [0, 1, 7, 20, 63, 64, 100_000, Int.max] {
      #expect((1_005...1_600).contains(settings.nextAttempt(after: attempts, now: 1_000)))
    }
  }

  @Test("what a server died over, at once; what a living one makes, only after the setting")
  func abandoned() async throws {
    let dying = try await IssuanceWorld(directory: world.directory)
    let gates = (dead: Gate(), living: Gate())
    dying.generator.beforeMaking { _ in await gates.dead.pass() }
    world.generator.beforeMaking { _ in await gates.living.pass() }
    let tasks = [Task { try await dying.generate() }, Task { try await world.generate() }]
    await gates.dead.arrival()
    await gates.living.arrival()
    await world.reaper.pass()
    #expect(try await world.ledger.everyState().map(\.phase) == [.pending, .pending])
    await dying.ledger.close()
    await world.reaper.pass()
    #expect(try await world.ledger.everyState().map(\.instance) == [world.ledger.instance])
    #expect(try await reason() == ["its server ended before it was handed out"])
    world.clock.advance(119)
    await world.reaper.pass()
    #expect(try await world.ledger.everyState().count == 1)
    world.clock.advance(1)
    await world.reaper.pass()
    #expect(try await world.ledger.everyState() == [])
    #expect(try await reason().last == "it was never handed out")
    gates.living.open()
    gates.dead.open()
    for task in tasks { #expect(try await task.value.code != .ok) }
    // It was made after all, after it had been given up.
    #expect(world.generator.existing == ["c1"])
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("a grant that is gone: after the grace, and not when it came back in between")
  func ungranted() async throws {
    _ = try await world.generate().get()
    let without = Manifests.issuing(["other": [IssuanceWorld.database]])
    world.reload(without)
    await world.reaper.pass()
    world.clock.advance(29)
    await world.reaper.pass()
    #expect(world.generator.existing == ["c1"])
    world.reload(.issuing())
    await world.reaper.pass()
    world.reload(without)
    for _ in 0..<2 {
      await world.reaper.pass()
      world.clock.advance(29)
    }
    #expect(world.generator.existing == ["c1"])
    await world.reaper.pass()
    try await world.expectNothingLeft()
    #expect(try await reason() == ["its Authorization was revoked"])
  }

  @Test("a federation that is gone takes its credentials along, after the grace; another's stay")
  func federationRemoved() async throws {
    _ = try await world.generate().get()
    world.reload(.issuing(federations: []))
    await world.reaper.pass()
    world.clock.advance(30)
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("a server that lost the lead forgets since when grants are gone: it did not see them come back")
  func graceAfterFollowing() async throws {
    _ = try await world.generate().get()
    world.reload(.issuing([:]))
    await world.reaper.pass()
    world.ledger.loseLead(true)
    world.clock.advance(30)
    await world.reaper.pass()
    world.ledger.loseLead(false)
    await world.reaper.pass()
    #expect(world.generator.existing == ["c1"])
    world.clock.advance(30)
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }

  @Test("one that follows does nothing but withdraw its own")
  func follower() async throws {
    #expect(try await world.ledger.leads())
    let follower = try await IssuanceWorld(directory: world.directory)
    _ = try await follower.generate().get()
    follower.ledger.fail(.confirm)
    follower.ledger.fail(.mark)
    #expect(try await follower.generate().code == .unavailable)
    follower.ledger.recover()
    follower.clock.advance(200_000)
    await follower.reaper.pass()
    #expect(follower.generator.existing == ["c1", "c2"])
    #expect(Set(try await follower.ledger.everyState().map(\.phase)) == [.live, .revoking])
    #expect(await follower.issuance.withdrawals.count == 0)
  }

  @Test("the audit trail is trimmed to what is to be kept")
  func trimmed() async throws {
    _ = try await world.generate().get()
    #expect(try await world.revokeSelf() == .ok)
    await world.reaper.pass()
    world.clock.advance(90 * 86_400 - 1)
    await world.reaper.pass()
    #expect(try await world.audit().count == 2)
    world.clock.advance(3_601)
    await world.reaper.pass()
    #expect(try await world.audit().isEmpty)
  }

  @Test("more states than one page holds: due ones")
  func duePages() async throws {
    try await makeLive(520)
    _ = try await world.ledger.markForRevocation(StateFilter(), reason: "x")
    await world.reaper.pass()
    try await world.expectNothingLeft()
    #expect(world.generator.cleaned.count == 521)
  }

  @Test("more states than one page holds: live ones without a grant")
  func livePages() async throws {
    try await makeLive(520)
    world.reload(.issuing([:]))
    await world.reaper.pass()
    world.clock.advance(30)
    await world.reaper.pass()
    #expect(!world.log.contains("same page"))
    try await world.expectNothingLeft()
  }

  /// Makes live states by hand, which takes less time than as many calls.
  private func makeLive(_ count: Int) async throws {
    _ = try await world.generate().get()
    let pattern = try #require(try await world.ledger.everyState().first)
    let audit = AuditEntry(atMilliseconds: 0, action: .generate, outcome: "ok", identity: nil, target: "t")
    for number in 0..<count {
      var state = pattern
      (state.name, state.phase) = ("s\(number)", .pending)
      try await world.ledger.announce(state)
      let issued = IssuedCredential(
        source: .generator(state.generator, stateName: state.name), workload: nil, lastIssuedAtSeconds: 0)
      _ = try await world.ledger.confirm(state.name, lease: nil, issued: issued, to: state.identity, audit: audit)
    }
  }
}
