import FederationAPI
import TestSupport
import Testing

@testable import Providers

/// Reads that wait for a backend that has not answered yet.
@Suite(.timeLimit(.minutes(2))) struct RemoteStoreLineTests {
  private func identity(_ subject: String) -> VerifiedIdentity {
    VerifiedIdentity(
      method: .oidc, provider: "https://issuer.example", subject: subject, kubernetes: nil, federations: [],
      expiresAtSeconds: .max)
  }

  /// A store whose only slot is taken by a read of `first`.
  private func held(
    _ change: (inout BackendSettings) -> Void = { _ in }
  ) async -> (ScriptedStore, Task<ScriptedStore.Answer, Never>) {
    let world = ScriptedStore {
      $0.concurrentRequests = 1
      change(&$0)
    }
    world.provider.hold()
    let first = Task { await world.read("first") }
    await world.provider.arrival(1)
    return (world, first)
  }

  private func waiting(_ world: ScriptedStore, _ count: Int) async {
    while world.store.fetches.waiting != count, !Task.isCancelled { await Task.yield() }
  }

  @Test("a read that is given up in line is not asked for, and one that has begun is kept for the next")
  func givenUp() async {
    let (world, first) = await held()
    for number in 0..<50 {
      let task = Task { await world.read("left-\(number)") }
      await waiting(world, 2)
      task.cancel()
      #expect(await task.value.text == "CANCELLED")
    }
    first.cancel()
    #expect(await first.value.text == "CANCELLED")
    #expect(world.store.fetches.count == 1)
    world.provider.letGo()
    #expect(await world.read("next").text == "next 1")
    #expect(await world.read("first").text == "first 1")
    #expect(world.provider.fetches == 2)
  }

  @Test("a read whose time is over in line is told so at once, and leaves it")
  func late() async {
    let (world, first) = await held { $0.timeoutSeconds = 0.05 }
    #expect(await world.read("late").text == "UNAVAILABLE")
    #expect(world.store.fetches.count == 1)
    world.provider.letGo()
    #expect(await first.value.text == "first 1")
    #expect(world.provider.fetches == 1)
  }

  @Test("one identity leaves places for another, and is told why it gets no more")
  func shares() async {
    let (world, first) = await held { $0.waitingCalls = 5 }
    let greedy = identity("greedy")
    let own = (0..<2).map { number in Task { await world.read("own-\(number)", for: greedy) } }
    await waiting(world, 3)
    let reference = SecretReference(store: "s", key: "one too many")
    guard case .failure(let error) = await world.store.read(reference, nil, for: greedy).result() else {
      Issue.record("answered")
      return
    }
    #expect(error.code == .resourceExhausted && error.retryAfterSeconds == 1)
    #expect(error.message.hasPrefix("too many reads of this identity wait for store \"s\""))
    let other = Task { await world.read("other", for: identity("other")) }
    await waiting(world, 4)
    world.provider.letGo()
    #expect(await other.value.text == "other 1")
    #expect(await first.value.text == "first 1")
    for task in own { #expect(await task.value.text.hasPrefix("own-")) }
  }

  @Test("a read that asks for the backend's own answer does not take that of a question asked before it")
  func noCache() async {
    let world = ScriptedStore()
    world.provider.hold()
    let before = Task { await world.read("k") }
    await world.provider.arrival(1)
    let fresh = Task { await world.read("k", fresh: true) }
    await world.provider.arrival(2)
    world.provider.letGo()
    #expect(await before.value.text == "k 1")
    #expect(await fresh.value.text == "k 1")
  }

  @Test("many such reads wait in line together")
  func noCacheTogether() async {
    let (world, first) = await held()
    let fresh = (0..<20).map { _ in Task { await world.read("first", fresh: true) } }
    await waiting(world, 21)
    #expect(world.store.fetches.count == 2)
    world.provider.letGo()
    for task in fresh { #expect(await task.value.text == "first 1") }
    #expect(await first.value.text == "first 1")
    #expect(world.provider.fetches == 2)
  }

  @Test("who asks for many keys does not keep another waiting for all of them, nor for one that both want")
  func turns() async {
    let (world, first) = await held()
    let (greedy, other) = (identity("greedy"), identity("other"))
    var tasks: [Task<ScriptedStore.Answer, Never>] = []
    for number in 0..<50 {
      tasks.append(Task { await world.read("greedy-\(number)", for: greedy) })
      await waiting(world, 2 + number)
    }
    for (number, key) in ["other", "greedy-49"].enumerated() {
      tasks.append(Task { await world.read(key, for: other) })
      // In line, and not only wanted.
      while world.store.calls.waitingInLine < 51 + number, !Task.isCancelled { await Task.yield() }
    }
    world.provider.letGo()
    for task in tasks { _ = await task.value }
    _ = await first.value
    let asked = world.provider.asked
    #expect(asked.firstIndex(of: "other").map { $0 <= 2 } == true)
    #expect(asked.firstIndex(of: "greedy-49").map { $0 <= 4 } == true)
    #expect(asked.count == 52)
  }
}
