import FederationAPI
import TestSupport
import Testing

/// One server whose Vault seals itself: what callers of every wire see.
@Suite(.timeLimit(.minutes(5))) struct StaleMarkTests {
  @Test("while Vault is away every wire gives and marks a value, past max-stale none does")
  func everyWire() async throws {
    let world = try await CentralVaultWorld(
      ["refresh: 30s": "refresh: 1s"], brief: ["refresh: 30s": "refresh: 1s", "max-stale: 1h": "max-stale: 1s"])
    try await world.vault.put("metrics-login", ["username": "metrics", "password": "first"])
    let answers = try await StaleAnswers(world)
    /// Asks until every wire gives `answer`, so long as what others give is `meanwhile`.
    func wait(_ store: String, for answer: StaleAnswers.Answer, meanwhile: [StaleAnswers.Answer]) async throws {
      let deadline = MonotonicTime.now.advanced(bySeconds: 120)
      var last = try await answers.ask(store)
      while last != StaleAnswers.all(answer), MonotonicTime.now < deadline {
        #expect(last.values.allSatisfy { $0 == answer || meanwhile.contains($0) }, "\(last)")
        try await Task.sleep(for: .milliseconds(50))
        last = try await answers.ask(store)
      }
      #expect(last == StaleAnswers.all(answer))
    }
    let fresh = StaleAnswers.Answer.value("first", isStale: false)
    let stale = StaleAnswers.Answer.value("first", isStale: true)
    #expect(try await answers.ask("vault") == StaleAnswers.all(fresh))
    #expect(try await answers.ask("brief") == StaleAnswers.all(fresh))

    try await world.vault.set(["sealed": true])
    try await wait("vault", for: stale, meanwhile: [fresh])
    try await wait("brief", for: .unavailable, meanwhile: [fresh, stale])
    // What is past its time stays so, and what may be given still is.
    #expect(try await answers.ask("brief") == StaleAnswers.all(.unavailable))
    #expect(try await answers.ask("vault") == StaleAnswers.all(stale))

    try await world.vault.set(["sealed": false])
    try await wait("vault", for: fresh, meanwhile: [stale])
    try await wait("brief", for: fresh, meanwhile: [.unavailable])
    await answers.close()
    #expect(await world.stop() == .status(0))
  }
}
