import FederationAPI
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Service

/// One caller's watch over stores in memory, asked as a wire asks.
@Suite(.timeLimit(.minutes(1))) struct HubWatchTests {
  /// Done once, when the hub next looks at its clock: in the middle of what takes an event.
  private final class Hook: Sendable {
    private let body = Mutex<(@Sendable () -> Void)?>(nil)
    func set(_ body: @escaping @Sendable () -> Void) { self.body.withLock { $0 = body } }
    func run() { body.withLock { $0.take() }?() }
  }

  private let hook = Hook()
  private let world: MemoryWorld

  init() throws {
    var settings = WatchSettings()
    settings.monotonicClock = { [hook] in
      hook.run()
      return .now
    }
    world = try MemoryWorld(watching: settings)
  }

  /// A watch of `secrets` by `app`, whose token is known already.
  private func watch(_ secrets: [SecretReference], after: UInt64 = 0) async throws -> any SecretWatch {
    let call = CallContext(authorization: "Bearer \(try world.token())", peer: "test")
    _ = try await world.handlers.verify(call, caCertificates: []).result().get()
    let watch = try #require(world.handlers.watchSecrets(call) {})
    try watch.received(WatchSecretsRequest(secrets: secrets, afterRevision: after))
    return watch
  }

  /// What comes until the watch waits or ends: values, `denied`, `error`; and what it ends with.
  private func events(_ watch: any SecretWatch) -> [String] {
    var events: [String] = []
    while true {
      switch watch.next() {
      case .wait: return events
      case .end(let error): return events + ["end \(error.code)"]
      case .event(let event):
        switch event.kind {
        case .value(let value): events.append("\(event.secret) \(value.text ?? "")")
        case .error(let error): events.append("\(event.secret) \(error == .notAuthorized ? "denied" : "error")")
        case .heartbeat: events.append("heartbeat")
        }
      }
    }
  }

  private let both = [SecretReference(store: "fake", key: "db"), SecretReference(store: "second", key: "db")]

  @Test("a store that is revoked is told for its secrets alone, and sent again when it is granted again")
  func revokedStore() async throws {
    let watch = try await watch(both)
    #expect(events(watch) == ["0 hunter2", "1 of the second"])
    world.reload(.with(grants: ["app": ["second"]], stores: ["fake": ["db": "later"], "second": ["db": "changed"]]))
    #expect(events(watch) == ["0 denied", "1 changed"])
    world.reload(.with(grants: ["app": ["second"]], stores: ["fake": ["db": "never"], "second": ["db": "changed"]]))
    #expect(events(watch) == [])
    world.reload(.with(stores: ["fake": ["db": "hunter2"], "second": ["db": "changed"]]))
    #expect(events(watch) == ["0 hunter2"])
    world.reload(.with(grants: ["app": []]))
    #expect(events(watch) == ["end permissionDenied"])
    watch.close()
    #expect(world.handlers.hub.counts.watches == 0)
  }

  @Test("what has changed and was not sent yet is not sent once its store is revoked")
  func revokedUnsent() async throws {
    let watch = try await watch(both)
    #expect(events(watch) == ["0 hunter2", "1 of the second"])
    world.reload(.with(stores: ["fake": ["db": "one"], "second": ["db": "two"]]))
    guard case .event(let first) = watch.next() else { return #expect(Bool(false), "nothing came") }
    world.reload(
      .with(
        grants: ["app": [first.secret == 0 ? "second" : "fake"]],
        stores: ["fake": ["db": "one"], "second": ["db": "two"]]))
    let other = first.secret == 0 ? "1 two" : "0 one"
    #expect(events(watch) == ["\(first.secret) denied", other])
    watch.close()
  }

  @Test("a watch ends when the issuer withdraws its key, and is woken to find that out, however it comes out")
  func withdrawnKey() async throws {
    let next = try TestSigningKey(keyID: "next")
    let wakes = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    var woken = wakes.stream.makeAsyncIterator()
    let call = CallContext(authorization: "Bearer \(try world.token())", peer: "test")
    _ = try await world.handlers.verify(call, caCertificates: []).result().get()
    let watch = try #require(world.handlers.watchSecrets(call) { wakes.continuation.yield() })
    try watch.received(WatchSecretsRequest(secrets: both))
    #expect(events(watch) == ["0 hunter2", "1 of the second"])
    world.issuers.serve([next])
    world.clock.advance(479)
    #expect(events(watch) == [])
    #expect(world.issuers.requests == 2)
    // Old enough to be fetched again: the watch itself has that done, and what comes of it wakes it.
    world.clock.advance(1)
    var seen = events(watch)
    while seen.isEmpty {
      _ = await woken.next()
      seen = events(watch)
    }
    #expect(seen == ["end unauthenticated"])
    watch.close()
  }

  @Test("a watch goes on past the life of a key set as long as its key is in the next one")
  func renewedKeys() async throws {
    let watch = try await watch(both)
    #expect(events(watch) == ["0 hunter2", "1 of the second"])
    world.clock.advance(480)
    #expect(events(watch) == [])
    // Another's call waits for the fetch that the watch began, if it is not over yet.
    world.clock.advance(120)
    let call = CallContext(authorization: "Bearer \(try world.token("other"))", peer: "test")
    _ = try await world.handlers.verify(call, caCertificates: []).result().get()
    world.reload(.with(stores: ["fake": ["db": "later"], "second": ["db": "of the second"]]))
    #expect(events(watch) == ["0 later"])
    #expect(world.issuers.requests == 4)
    watch.close()
  }

  @Test("a reload that revokes a store while a value is taken shows nothing of what it brings")
  func reloadBetween() async throws {
    let watch = try await watch(both)
    #expect(events(watch) == ["0 hunter2", "1 of the second"])
    hook.set { [world] in
      world.reload(
        .with(grants: ["app": ["second"]], stores: ["fake": ["db": "after all"], "second": ["db": "of the second"]]))
    }
    #expect(events(watch) == ["0 denied"])
    watch.close()
  }
}
