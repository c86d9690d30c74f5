import FederationAPI
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Service

/// Says of each owner what a test has it say, and counts how often it is asked.
private final class StatedPresence: PresenceCheck {
  private let state = Mutex<(presences: [String: Presence], asked: Int)>(([:], 0))
  var asked: Int { state.withLock { $0.asked } }
  func say(_ presence: Presence, of owner: String) { state.withLock { $0.presences[owner] = presence } }
  func presence(ofOwner state: GeneratorState) async -> Presence {
    self.state.withLock { own in
      own.asked += 1
      return own.presences[state.owner.name] ?? .present
    }
  }
}

/// Credentials whose owners are gone.
@Suite(.timeLimit(.minutes(1))) struct PresenceCheckTests {
  private let check = StatedPresence()
  private let world: IssuanceWorld

  init() async throws {
    world = try await IssuanceWorld(checks: [check])
    for pod in ["gone", "unknown", "present"] {
      _ = try await world.generate(IssuanceWorld.database, world.call(world.claims(pod: pod))).get()
    }
    await world.reaper.pass()
    check.say(.gone(reason: "the pod is gone"), of: "gone")
    check.say(.unknown, of: "unknown")
  }

  @Test("only who is certainly gone loses a credential, and is looked for once a minute")
  func certain() async throws {
    let asked = check.asked
    world.clock.advance(59)
    await world.reaper.pass()
    #expect(check.asked == asked)
    world.clock.advance(1)
    await world.reaper.pass()
    #expect(check.asked == asked + 3)
    #expect(world.generator.cleaned == ["c1"])
    #expect(try await world.phases() == ["unknown": [.live], "present": [.live]])
    #expect(try await world.audit(.cleanUp).map(\.detail) == ["the pod is gone"])
  }

  @Test("owners are looked for as often while manifests change all the time, or a grant is missing")
  func besideReloads() async throws {
    for _ in 0..<6 {
      world.clock.advance(10)
      world.reload(.issuing())
      await world.reaper.pass()
    }
    #expect(world.generator.cleaned == ["c1"])
  }

  @Test("the first check that is certain decides")
  func several() async throws {
    let unsure = StatedPresence()
    unsure.say(.unknown, of: "app-0")
    let sure = StatedPresence()
    sure.say(.gone(reason: "another has its UID"), of: "app-0")
    let world = try await IssuanceWorld(checks: [unsure, sure])
    _ = try await world.generate().get()
    await world.reaper.pass()
    #expect(try await world.audit(.cleanUp).map(\.detail) == ["another has its UID"])
  }
}
