import FederationAPI
import Logging
import SecretStores
import Synchronization
import TestSupport
import Testing

@testable import Providers

/// What a store asks a backend that is down, and what its callers get meanwhile.
@Suite(.timeLimit(.minutes(2))) struct RemoteStoreProbeTests {
  /// A store with an older value of `k`, whose backend has just been found down.
  private func down(_ change: (inout BackendSettings) -> Void = { _ in }) async -> ScriptedStore {
    let world = ScriptedStore(refresh: 60, stale: 3_600) {
      $0.attempts = 1
      // A caller that waited would fail the test.
      $0.patienceSeconds = 3_600
      change(&$0)
    }
    _ = await world.read("k")
    world.pass(61)
    world.provider.fail(.unavailable(reason: "down"))
    for _ in 0..<3 { #expect(await world.read("k").text == "k 1") }
    #expect(world.provider.fetches == 4)
    return world
  }

  /// How often the backend was asked in `seconds` in which `each` was called every tenth of one.
  private func asked(_ world: ScriptedStore, seconds: Int, each: () async -> Void = {}) async -> Int {
    let before = world.provider.fetches
    for _ in 0..<seconds * 10 {
      world.pass(0.1)
      await world.probed()
      await each()
    }
    return world.provider.fetches - before
  }

  @Test("a backend that is back is found so without a caller, and the first one is served at once")
  func findsOut() async {
    let world = await down()
    world.provider.fail(nil)
    world.provider.rotate()
    #expect(world.store.measures.isDown)
    world.pass(0.6)
    await world.probed()
    #expect(!world.store.measures.isDown)
    #expect(world.provider.fetches == 5)
    #expect(world.inMemory("k") == "k 2")
    #expect(await world.read("unknown") == .init("unknown 2"))
    // And nobody asks any more.
    #expect(await asked(world, seconds: 20) == 0)
  }

  @Test("a backend that is down is asked a few times and then by probes alone, two seconds apart at most")
  func bounded() async {
    let world = await down()
    for _ in 0..<100 { #expect(await world.read("k").text == "k 1") }
    #expect(world.provider.fetches == 4)
    let count = await asked(world, seconds: 30) { #expect(await world.read("k").text == "k 1") }
    print("outage: \(count) probes in 30 s with callers")
    #expect((12...30).contains(count))
    world.provider.fail(nil)
    world.provider.rotate()
    world.pass(2.1)
    await world.probed()
    #expect(await world.read("k") == .init("k 2"))
    #expect(world.provider.fetches == 4 + count + 1)
  }

  @Test("callers without an older value add no questions to those of the store")
  func boundedWithoutValues() async {
    let world = await down()
    let count = await asked(world, seconds: 30) { #expect(await world.read("unknown").text == "UNAVAILABLE") }
    #expect((12...30).contains(count))
  }

  @Test("without callers there are fewer probes and then none, and a call brings them back")
  func quiet() async {
    let world = await down()
    let count = await asked(world, seconds: 300)
    print("outage: \(count) probes in 300 s without a caller")
    #expect((8...16).contains(count))
    #expect(await asked(world, seconds: 100) == 0)
    // Its caller does not wait for it.
    world.provider.hold()
    #expect(await world.read("k") == .init("k 1", stale: UInt32(400 + 61 - 60)))
    await world.provider.arrival(4 + count + 1)
    world.provider.letGo()
    await world.probed()
    #expect((12...30).contains(await asked(world, seconds: 30) { _ = await world.read("k") }))
  }

  @Test("a caller that comes when there were none for a while has the next probe come sooner")
  func sooner() async {
    let world = await down()
    _ = await asked(world, seconds: 120)
    let after = await asked(world, seconds: 3) { _ = await world.read("k") }
    #expect((1...4).contains(after))
  }

  @Test("who has nothing older finds it back where nobody has asked for long")
  func cold() async {
    let world = await down()
    _ = await asked(world, seconds: 400)
    world.provider.fail(nil)
    #expect(await world.read("unknown") == .init("unknown 1"))
    #expect(!world.store.measures.isDown)
  }

  @Test("while a probe hangs, callers have their older values at once, and others wait for what comes of it")
  func hangs() async {
    let world = await down()
    world.provider.hold()
    world.pass(3)
    await world.provider.arrival(5)
    for _ in 0..<100 { #expect(await world.read("k").text == "k 1") }
    #expect(await world.read("k", fresh: true).text == "k 1")
    #expect(world.provider.fetches == 5)
    async let unknown = world.read("unknown")
    while world.store.calls.waitingForProbe < 1, !Task.isCancelled { await Task.yield() }
    world.provider.fail(nil)
    world.provider.letGo()
    #expect(await unknown.text == "unknown 1")
    #expect(world.provider.fetches == 6)
  }

  @Test("a backend that dropped one probe, and is back, is found so by another one, long before the first one's end")
  func dropped() async {
    let world = await down { $0.probeSeconds = 0.05 }
    world.provider.hold()
    world.pass(3)
    await world.provider.arrival(5)
    async let unknown = world.read("unknown")
    world.provider.fail(nil)
    world.provider.answerNewOnes()
    // Who waited for the probe is not kept until it is over.
    #expect(await unknown.text == "UNAVAILABLE")
    await world.probed()
    #expect(world.store.measures.isDown)
    world.pass(2.1)
    await world.probed()
    #expect(!world.store.measures.isDown)
    #expect(world.provider.fetches == 6)
    #expect(await world.read("other") == .init("other 1"))
    world.provider.letGo()
  }

  @Test("a probe that is answered late tells that the backend is back all the same")
  func slow() async {
    let world = await down { $0.probeSeconds = 0.05 }
    world.provider.hold()
    world.pass(3)
    await world.provider.arrival(5)
    while world.store.calls.isBeingProbed, !Task.isCancelled { await Task.yield() }
    #expect(world.store.measures.isDown)
    world.provider.fail(nil)
    world.provider.letGo()
    while world.store.measures.isDown, !Task.isCancelled { await Task.yield() }
    #expect(await world.read("other") == .init("other 1"))
  }

  @Test("what is wrong with the store itself is no sign that its backend is back")
  func misconfigured() async {
    let world = await down()
    world.provider.fail(.misconfigured(reason: "there is no file"))
    #expect(await asked(world, seconds: 3) > 0)
    #expect(world.store.measures.isDown)
  }

  @Test("who wants what the probe asks for has its answer, and does not ask again")
  func shares() async {
    let world = ScriptedStore { $0.attempts = 1 }
    world.provider.fail(.unavailable(reason: "down"))
    for _ in 0..<3 { #expect(await world.read("k").text == "UNAVAILABLE") }
    world.provider.hold()
    world.pass(1)
    await world.provider.arrival(4)
    async let other = world.read("k")
    while world.store.fetches.waiting < 2, !Task.isCancelled { await Task.yield() }
    world.provider.fail(nil)
    world.provider.letGo()
    #expect(await other.text == "k 1")
    #expect(world.provider.fetches == 4)
  }

  @Test("where only lists were asked for, a check is the probe")
  func lists() async {
    let world = ScriptedStore { $0.attempts = 1 }
    world.provider.fail(.unavailable(reason: "down"))
    for _ in 0..<3 { _ = await world.store.list("s").result() }
    #expect(world.store.measures.isDown)
    world.provider.fail(nil)
    world.pass(1)
    await world.probed()
    #expect(world.provider.checks == 1 && world.provider.fetches == 0)
    #expect(!world.store.measures.isDown)
  }

  @Test("a caller's list is never the probe, which it might be too long for")
  func listIsNoProbe() async {
    let world = await down()
    world.pass(0.6)
    world.provider.fail(.timedOut(reason: "long"))
    await world.probed()
    let before = world.provider.lists
    world.pass(400)
    for _ in 0..<3 { _ = await world.store.list("s").result() }
    #expect(world.provider.lists == before)
    #expect(world.store.measures.isDown)
  }

  @Test("a store that nobody calls is not probed, whoever checks it")
  func nobody() async {
    let world = ScriptedStore { $0.attempts = 1 }
    world.provider.fail(.unavailable(reason: "down"))
    for _ in 0..<3 { _ = await world.store.check() }
    #expect(world.store.measures.isDown)
    #expect(await asked(world, seconds: 10) == 0)
    #expect(world.provider.checks == 3)
  }

  @Test("a store that is closed probes no more")
  func closed() async {
    let world = await down()
    world.store.close()
    #expect(await asked(world, seconds: 10) == 0)
  }

  @Test("a flood of reads that fail is ten lines a second of each kind, and the next line tells of the others")
  func lines() async {
    let lines = Mutex<[String]>([])
    let world = ScriptedStore(log: Log(level: .info) { line in lines.withLock { $0.append(line) } }) {
      $0.attempts = 1
    }
    func count(_ event: String) -> Int { lines.withLock { $0.filter { $0.contains("\"event\":\"\(event)\"") }.count } }
    world.provider.fail(.dataLoss(reason: "no JSON"))
    for key in 0..<100 { #expect(await world.read("k\(key)").text == "DATA_LOSS") }
    #expect(count("store_unreadable") == 10)
    world.provider.fail(.denied(reason: "no"))
    for key in 0..<100 { #expect(await world.read("k\(key)").text == "FAILED_PRECONDITION") }
    #expect(count("store_refused") == 10)
    world.pass(1)
    _ = await world.read("other")
    #expect(count("store_refused") == 11)
    #expect(lines.withLock { $0.last?.hasSuffix(#""suppressed_before":"90"}"#) } == true)
  }
}
