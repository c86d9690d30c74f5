import FederationAPI
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(2))) struct RemoteStoreTests {
  @Test("a value is fetched once for its time, and then again")
  func refresh() async {
    let world = ScriptedStore()
    #expect(world.inMemory("k") == nil)
    #expect(await world.read("k").text == "k 1")
    world.provider.rotate()
    world.pass(44)
    #expect(await world.read("k").text == "k 1")
    #expect(world.inMemory("k") == "k 1")
    #expect(world.provider.fetches == 1)
    world.pass(17)
    #expect(world.inMemory("k") == nil)
    #expect(await world.read("k") == .init("k 2"))
    #expect(world.provider.known == [nil, "1"])
  }

  @Test("a value late in its time is given at once, and fetched again beside that, once")
  func refreshAhead() async {
    let world = ScriptedStore()
    _ = await world.read("k")
    world.provider.rotate()
    world.provider.hold()
    world.pass(50)
    for _ in 0..<10 { #expect(world.inMemory("k") == "k 1") }
    await world.provider.arrival(2)
    world.provider.letGo()
    while world.inMemory("k") == "k 1" { await Task.yield() }
    #expect(world.inMemory("k") == "k 2")
    #expect(world.provider.fetches == 2)
  }

  @Test("a version that the backend still has is kept")
  func unchanged() async {
    let world = ScriptedStore()
    _ = await world.read("k")
    world.pass(61)
    #expect(await world.read("k").text == "k 1")
    #expect(world.provider.known == [nil, "1"])
    #expect(world.inMemory("k") == "k 1")
  }

  @Test("a call may ask for the backend's own answer")
  func noCache() async {
    let world = ScriptedStore()
    _ = await world.read("k")
    world.provider.rotate()
    #expect(await world.read("k").text == "k 1")
    #expect(await world.read("k", fresh: true).text == "k 2")
    #expect(await world.read("k").text == "k 2")
  }

  @Test("1,000 concurrent misses on one key ask the backend once")
  func singleflight() async {
    let world = ScriptedStore()
    world.provider.hold()
    await withTaskGroup(of: String.self) { group in
      for _ in 0..<1_000 { group.addTask { await world.read("k").text } }
      await world.provider.arrival(1)
      world.provider.letGo()
      for await answer in group { #expect(answer == "k 1") }
    }
    #expect(world.provider.fetches == 1)
  }

  @Test("that a key is missing, or refused, is remembered for seconds, and ends what was known")
  func negative() async {
    let world = ScriptedStore()
    for _ in 0..<3 { #expect(await world.read("missing").text == "NOT_FOUND") }
    #expect(world.provider.fetches == 1)
    world.pass(6)
    _ = await world.read("missing")
    #expect(world.provider.fetches == 2)

    _ = await world.read("k")
    world.provider.fail(.denied(reason: "no"))
    world.pass(61)
    for _ in 0..<3 { #expect(await world.read("k").text == "FAILED_PRECONDITION") }
    #expect(world.provider.fetches == 4)
    // Not even an outage brings it back.
    world.provider.fail(.unavailable(reason: "down"))
    world.pass(3)
    #expect(await world.read("k").text == "UNAVAILABLE")
  }

  @Test("an older value is given, marked, while the backend errs and for no longer than allowed")
  func stale() async {
    let world = ScriptedStore(refresh: 60, stale: 600)
    _ = await world.read("k")
    world.provider.fail(.unavailable(reason: "down"))
    #expect(await world.read("k") == .init("k 1"))
    world.pass(100)
    #expect(world.inMemory("k") == nil)
    #expect(await world.read("k") == .init("k 1", stale: 40))
    #expect(await world.read("unknown").text == "UNAVAILABLE")
    world.pass(559)
    #expect(await world.read("k") == .init("k 1", stale: 599))
    #expect(world.store.staleCount == 2)
    world.pass(2)
    #expect(await world.read("k") == .init("UNAVAILABLE"))
    await world.probed()
    world.provider.fail(nil)
    world.pass(3)
    #expect(await world.read("k") == .init("k 1"))
  }

  @Test("what a store is asked and asks is counted, and what it holds is told")
  func measures() async throws {
    let world = ScriptedStore { $0.attempts = 1 }
    _ = await world.read("k")
    _ = await world.read("k")
    _ = await world.read("missing")
    // The short way counts for itself.
    #expect(world.inMemory("k") == "k 1")
    var seen = world.store.measures
    #expect(seen.name == "s" && seen.hits == 1 && seen.misses == 2 && seen.stale == 0)
    #expect(seen.backendRequests == 2 && seen.backendOutages == 0 && seen.backendRefusals == 0 && !seen.isDown)
    #expect(seen.entries == 2 && seen.bytes == world.cache.byteCount)
    world.provider.fail(.unavailable(reason: "down"))
    world.pass(61)
    for _ in 0..<4 { #expect(await world.read("k").text == "k 1") }
    seen = world.store.measures
    #expect(seen.stale == 4 && seen.backendOutages == 3 && seen.isDown)
    // The pause before a probe is over, and the backend is down all the same until one succeeds.
    world.pass(2.1)
    await world.probed()
    #expect(world.store.measures.isDown)
    world.provider.fail(.denied(reason: "no"))
    world.pass(2.1)
    await world.probed()
    seen = world.store.measures
    #expect(seen.backendRefusals == 1 && !seen.isDown)
  }

  @Test("a backend that is left alone is said to be down for what it was down with")
  func outageReason() async {
    let world = ScriptedStore()
    #expect(await world.store.check() == .success(BackendProof("asked")))
    world.provider.fail(.unavailable(reason: "nobody listens"))
    for key in ["a", "b", "c"] { _ = await world.read(key) }
    let fetches = world.provider.fetches
    #expect(await world.store.check() == .failure(.unavailable(reason: "nobody listens")))
    #expect(world.provider.fetches == fetches)
  }

  @Test("a key that is refused without the backend tells nothing of it, and is no probe")
  func refusedUnasked() async {
    let world = ScriptedStore { $0.attempts = 1 }
    world.provider.fail(.unavailable(reason: "down"))
    for key in ["a", "b"] { #expect(await world.read(key).text == "UNAVAILABLE") }
    #expect(await world.read("..").text == "NOT_FOUND")
    // The third in a row all the same.
    #expect(await world.read("c").text == "UNAVAILABLE")
    #expect(world.store.measures.isDown)
    #expect(await world.read("../x").text == "NOT_FOUND")
    world.pass(3)
    await world.probed()
    #expect(world.store.measures.isDown)
    #expect(world.provider.asked == ["a", "b", "c", "c"])
  }

  @Test("a backend that hangs holds as many calls as it may and not one more")
  func full() async {
    let world = ScriptedStore {
      $0.waitingCalls = 8
      $0.concurrentRequests = 2
    }
    world.provider.hold()
    await withTaskGroup(of: String.self) { group in
      for key in 0..<9 { group.addTask { await world.read("k\(key)").text } }
      // The ninth is told at once.
      #expect(await group.next() == "UNAVAILABLE")
      await world.provider.arrival(2)
      #expect(world.provider.fetches == 2)
      world.provider.letGo()
      for await answer in group { #expect(answer.hasPrefix("k")) }
    }
    #expect(world.provider.fetches == 8)
  }

  @Test("answers that make no sense are told to who asked, and take the backend from nobody")
  func senselessAnswers() async {
    let world = ScriptedStore { $0.attempts = 1 }
    world.provider.fail(.dataLoss(reason: "no JSON"))
    for key in 0..<5 { #expect(await world.read("k\(key)").text == "DATA_LOSS") }
    #expect(world.provider.fetches == 5)
    world.provider.fail(nil)
    #expect(await world.read("k").text == "k 1")
  }

  @Test("stores with one cache do not see each other's values")
  func separate() async {
    let cache = SecretCache(maximumBytes: 1 << 20)
    let (first, second) = (ScriptedStore(cache: cache), ScriptedStore(cache: cache))
    second.provider.rotate()
    #expect(await first.read("k").text == "k 1")
    #expect(second.inMemory("k") == nil)
    #expect(await second.read("k").text == "k 2")
    #expect(first.inMemory("k") == "k 1")
    #expect(cache.count == 2)
  }

  @Test("10,000 keys: hit rate and memory, and what is used least makes room")
  func many() async {
    let world = ScriptedStore(cache: SecretCache(maximumBytes: 2 << 20))
    let keys = 10_000
    var generator = SystemRandomNumberGenerator()
    let reads = 60_000
    for _ in 0..<reads {
      // Mostly the first tenth.
      let key =
        Int.random(in: 0..<10, using: &generator) < 9
        ? Int.random(in: 0..<keys / 10, using: &generator) : Int.random(in: 0..<keys, using: &generator)
      let answer = await world.read("key-\(key)").text
      guard answer == "key-\(key) 1" else {
        Issue.record("key-\(key) gave \(answer)")
        return
      }
    }
    let rate = 1 - Double(world.provider.fetches) / Double(reads)
    print("cache: \(keys) keys, \(world.cache.count) kept in \(world.cache.byteCount) bytes, hit rate \(rate)")
    #expect(world.cache.byteCount <= 2 << 20)
    #expect(rate > 0.8)
  }
}
