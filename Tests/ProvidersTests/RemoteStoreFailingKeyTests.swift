import FederationAPI
import Testing

@testable import Providers

/// One key that the backend cannot answer, among others that it can.
@Suite(.timeLimit(.minutes(2))) struct RemoteStoreFailingKeyTests {
  @Test("who asks for one broken key all the time keeps nobody from the others, and asks once a second")
  func oneKey() async {
    let world = ScriptedStore { $0.attempts = 1 }
    #expect(await world.read("good").text == "good 1")
    for number in 0..<100 {
      world.pass(0.1)
      #expect(await world.read("broken").text == "UNAVAILABLE")
      #expect(await world.read("new-\(number)").text == "new-\(number) 1")
      #expect(!world.store.measures.isDown)
    }
    #expect((9...11).contains(world.provider.asked.count { $0 == "broken" }))
  }

  @Test("several keys that fail are the backend's failure, whatever it answered before")
  func severalKeys() async {
    let world = ScriptedStore { $0.attempts = 1 }
    #expect(await world.read("good").text == "good 1")
    for number in 0..<4 { #expect(await world.read("broken-\(number)").text == "UNAVAILABLE") }
    #expect(world.store.measures.isDown)
  }

  @Test("a key that was answered alone, and fails, is the backend's failure")
  func sameKey() async {
    let world = ScriptedStore(refresh: 1) { $0.attempts = 1 }
    #expect(await world.read("k").text == "k 1")
    world.provider.fail(.unavailable(reason: "down"))
    world.pass(2)
    for _ in 0..<3 { #expect(await world.read("k").text == "k 1") }
    #expect(world.store.measures.isDown)
  }

  @Test("where nothing else was answered for long, the probe asks for what was, and the store is back at once")
  func longAgo() async {
    let world = ScriptedStore { $0.attempts = 1 }
    #expect(await world.read("good").text == "good 1")
    world.pass(FailingKeys.answeredSeconds + 1)
    for _ in 0..<3 { #expect(await world.read("broken").text == "UNAVAILABLE") }
    #expect(world.store.measures.isDown)
    world.pass(0.6)
    await world.probed()
    #expect(world.provider.asked.last == "good")
    #expect(!world.store.measures.isDown)
    for _ in 0..<3 { #expect(await world.read("broken").text == "UNAVAILABLE") }
    #expect(!world.store.measures.isDown)
  }
}
