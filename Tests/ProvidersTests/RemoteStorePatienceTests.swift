import FederationAPI
import Providers
import TestSupport
import Testing

/// Callers that have an older value while the backend takes its time.
@Suite(.timeLimit(.minutes(2))) struct RemoteStorePatienceTests {
  /// A store with an older value of `k`, and a newer one at its backend, which has not answered yet.
  private func late(_ change: (inout BackendSettings) -> Void = { _ in }) async -> ScriptedStore {
    let world = ScriptedStore {
      $0.patienceSeconds = 0.05
      $0.timeoutSeconds = 600
      change(&$0)
    }
    _ = await world.read("k")
    world.provider.rotate()
    world.pass(100)
    world.provider.hold()
    return world
  }

  private func renewed(_ world: ScriptedStore, _ key: String) async {
    while world.inMemory(key) != "\(key) 2", !Task.isCancelled { await Task.yield() }
  }

  @Test("a caller takes the older value after a while, and the fetch goes on in all its time and is kept")
  func goesOn() async {
    let world = await late()
    #expect(await world.read("k") == .init("k 1", stale: 40))
    await world.provider.arrival(2)
    // Who comes now need not find out how slow it is.
    #expect(await world.read("k") == .init("k 1", stale: 40))
    #expect(world.provider.fetches == 2)
    #expect(world.provider.seconds.allSatisfy { $0 > 300 })
    world.provider.letGo()
    await renewed(world, "k")
    #expect(await world.read("k") == .init("k 2"))
    #expect(world.provider.fetches == 2)
  }

  @Test("neither does it wait longer in line, where the fetch stays")
  func inLine() async {
    let world = await late { $0.concurrentRequests = 1 }
    let first = Task { await world.read("first") }
    await world.provider.arrival(2)
    #expect(await world.read("k") == .init("k 1", stale: 40))
    world.provider.letGo()
    #expect(await first.value.text == "first 2")
    await renewed(world, "k")
    #expect(world.provider.fetches == 3)
  }

  @Test("a caller with a deadline has the older value before it")
  func deadline() async {
    let world = await late { $0.patienceSeconds = 3_600 }
    #expect(await world.read("k", deadline: .now.advanced(bySeconds: 0.1)) == .init("k 1", stale: 40))
    world.provider.letGo()
    await renewed(world, "k")
  }

  @Test("who has nothing older waits for the backend")
  func cold() async {
    let world = await late()
    let cold = Task { await world.read("cold") }
    #expect(await world.read("k").text == "k 1")
    await world.provider.arrival(3)
    world.provider.letGo()
    #expect(await cold.value.text == "cold 2")
  }

  @Test("a backend that is slower than callers are patient is found back by a probe")
  func slowProbe() async {
    let world = await late {
      $0.attempts = 1
      $0.patienceSeconds = 3_600
    }
    world.provider.letGo()
    world.provider.fail(.unavailable(reason: "down"))
    for _ in 0..<3 { #expect(await world.read("k").text == "k 1") }
    #expect(world.store.measures.isDown)
    world.provider.fail(nil)
    world.provider.hold()
    world.pass(3)
    #expect(await world.read("k", deadline: .now.advanced(bySeconds: 0.05)).text == "k 1")
    await world.provider.arrival(5)
    #expect(world.provider.seconds.allSatisfy { $0 > 300 })
    world.provider.letGo()
    await renewed(world, "k")
    #expect(!world.store.measures.isDown)
  }
}
