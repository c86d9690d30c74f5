import FederationAPI
import Glibc
import Logging
import SecretStores
import Synchronization
import Testing

@testable import Service

/// The hub over a store whose answers a test gives.
@Suite(.timeLimit(.minutes(1))) struct WatchHubTests {
  /// Gives what it is told to, and counts its reads.
  private final class ScriptedStore: SecretStore {
    private let state = Mutex<(outcome: Result<SecretBytes, RPCError>, reads: Int)>((.success(SecretBytes("a")), 0))
    let changes: StoreChanges
    /// Done in the next read.
    let onRead = Mutex<(@Sendable () -> Void)?>(nil)
    private let threads = Mutex<[pthread_t: Int]>([:])

    init(_ changes: StoreChanges = .never) { self.changes = changes }

    var reads: Int { state.withLock { $0.reads } }
    /// Those that this thread made.
    var ownReads: Int { threads.withLock { $0[pthread_self()] ?? 0 } }
    func give(_ outcome: Result<SecretBytes, RPCError>) { state.withLock { $0.outcome = outcome } }

    /// How many seconds past its time what it gives is; nil for not at all.
    let staleSeconds = Mutex<Double?>(nil)

    func read(
      _ reference: SecretReference, _ freshness: ReadFreshness?, for caller: VerifiedIdentity?
    ) -> Reply<SecretBytes> {
      if let seconds = staleSeconds.withLock({ $0 }) { freshness?.noteStale(seconds: seconds) }
      return read(reference)
    }

    func read(_ reference: SecretReference) -> Reply<SecretBytes> {
      onRead.withLock { $0.take() }?()
      threads.withLock { $0[pthread_self(), default: 0] += 1 }
      return .ready(
        state.withLock { state in
          state.reads += 1
          return state.outcome
        })
    }
  }

  private let clock = MemoryWorld.Clock()
  private let key = SecretReference(store: "s", key: "k")
  private static let down = RPCError(.unavailable, "down")

  private func snapshot(_ store: ScriptedStore, _ generation: UInt64 = 1) -> ServiceSnapshot {
    ServiceSnapshot(
      generation: generation, manifests: .with(), stores: StoreRegistry(["s": store]), generators: NoGenerators())
  }

  private func hub(_ store: ScriptedStore, _ change: (inout WatchSettings) -> Void = { _ in }) -> WatchHub {
    var settings = WatchSettings()
    settings.monotonicClock = { [clock] in clock.monotonic }
    settings.microseconds = { [clock] in UInt64(clock.wallSeconds) * 1_000_000 }
    change(&settings)
    return WatchHub(snapshot: snapshot(store), settings: settings, tag: 7)
  }

  @Test("a watch is woken when its identity has to be looked at")
  func lookAt() async throws {
    let hub = hub(ScriptedStore())
    let wakes = Mutex(0)
    let watch = try join(hub) { wakes.withLock { $0 += 1 } }
    while hub.next(watch) != nil {}
    hub.renew(watch, expiresAtSeconds: .max, lookAt: clock.monotonic.advanced(bySeconds: 5))
    wakes.withLock { $0 = 0 }
    clock.advance(4.9)
    hub.lookAround()
    #expect(wakes.withLock { $0 } == 0)
    clock.advance(0.1)
    hub.lookAround()
    #expect(wakes.withLock { $0 } == 1)
    hub.leave(watch)
  }

  private func join(_ hub: WatchHub, after: UInt64 = 0, wake: @escaping @Sendable () -> Void = {}) throws -> UInt64 {
    let watch = try hub.join([key], by: 1, after: after, expiresAtSeconds: .max, wake: wake).watch
    hub.subscribe(watch, [(0, key)])
    return watch
  }

  private func tick(_ hub: WatchHub) async {
    await hub.askStores()
    hub.lookAround()
  }

  private func value(_ event: WatchHub.Event?) -> String? {
    if case .outcome(_, _, .success(let value), _) = event { value.text } else { nil }
  }

  private func revision(_ event: WatchHub.Event?) -> UInt64 {
    if case .outcome(_, let revision, _, _) = event { revision } else { 0 }
  }

  @Test("a value is read once for all who watch it, and one change wakes each once")
  func shared() throws {
    let store = ScriptedStore()
    let hub = hub(store)
    let woken = Mutex(0)
    let watches = try (0..<100).map { _ in try join(hub) { woken.withLock { $0 += 1 } } }
    for watch in watches { #expect(value(hub.next(watch)) == "a" && hub.next(watch) == nil) }
    #expect(store.reads == 1)
    woken.withLock { $0 = 0 }
    for (generation, text) in [(2, "b"), (3, "c")] as [(UInt64, String)] {
      store.give(.success(SecretBytes(text)))
      hub.replace(snapshot(store, generation))
    }
    // Who does not ask is not woken again, and skips what it was too late for.
    #expect(woken.withLock { $0 } == 100)
    for watch in watches { #expect(value(hub.next(watch)) == "c" && hub.next(watch) == nil) }
    #expect(store.reads == 3)
  }

  @Test("a read that gives the same is no change")
  func same() throws {
    let store = ScriptedStore()
    let hub = hub(store)
    let watch = try join(hub)
    let first = revision(hub.next(watch))
    hub.replace(snapshot(store, 2))
    #expect(hub.next(watch) == nil)
    #expect(try join(hub) != watch && first > 0)
  }

  @Test("a value's age is told with it, is no change by itself, and whoever comes later is told the newest")
  func stale() throws {
    func age(_ event: WatchHub.Event?) -> UInt32? {
      if case .outcome(_, _, .success, let seconds) = event { seconds } else { nil }
    }
    let store = ScriptedStore()
    let hub = hub(store)
    let watch = try join(hub)
    #expect(age(hub.next(watch)) == nil)
    store.staleSeconds.withLock { $0 = 7 }
    hub.replace(snapshot(store, 2))
    #expect(hub.next(watch) == nil)
    let late = try join(hub)
    #expect(age(hub.next(late)) == 7)
    store.staleSeconds.withLock { $0 = nil }
    store.give(.success(SecretBytes("b")))
    hub.replace(snapshot(store, 3))
    let event = hub.next(late)
    #expect(value(event) == "b" && age(event) == nil)
  }

  @Test("a failure that may pass is told once it has lasted, another at once")
  func failures() async throws {
    let store = ScriptedStore()
    let hub = hub(store)
    let watch = try join(hub)
    #expect(value(hub.next(watch)) == "a")
    store.give(.failure(Self.down))
    hub.replace(snapshot(store, 2))
    #expect(hub.next(watch) == nil)
    clock.advance(29)
    await tick(hub)
    #expect(value(hub.next(watch)) == nil)
    clock.advance(6)
    await tick(hub)
    clock.advance(6)
    await tick(hub)
    var event = hub.next(watch)
    while case .heartbeat = event { event = hub.next(watch) }
    guard case .outcome(0, _, .failure(Self.down), nil) = event else {
      return #expect(Bool(false), "\(String(describing: event))")
    }
    let gone = RPCError(.notFound, "gone")
    store.give(.success(SecretBytes("b")))
    hub.replace(snapshot(store, 3))
    #expect(value(hub.next(watch)) == "b")
    store.give(.failure(gone))
    hub.replace(snapshot(store, 4))
    guard case .outcome(0, _, .failure(gone), nil) = hub.next(watch) else { return #expect(Bool(false), "not told") }
  }

  @Test("a store that can tell is read when it does, one that cannot is polled for all, and nobody's is not")
  func polling() async throws {
    let mark = Mutex<Int64>(1)
    let marked = ScriptedStore(.marked { mark.withLock { $0 } })
    let hub = hub(marked)
    _ = try join(hub)
    await tick(hub)
    let before = marked.reads
    await tick(hub)
    #expect(marked.reads == before)
    mark.withLock { $0 = 2 }
    await tick(hub)
    #expect(marked.reads == before + 1)

    let untold = ScriptedStore(.untold)
    let polling = self.hub(untold)
    let watches = try (0..<10).map { _ in try join(polling) }
    clock.advance(67)
    await tick(polling)
    #expect(untold.reads == 2)
    for watch in watches { polling.leave(watch) }
    clock.advance(1_000)
    await tick(polling)
    #expect(untold.reads == 2)
    #expect(polling.counts == (0, 0))
  }

  @Test("who resumes soon is sent only what changed, who resumes from elsewhere everything")
  func resume() throws {
    let store = ScriptedStore()
    let hub = hub(store)
    let watch = try join(hub)
    let seen = revision(hub.next(watch))
    hub.leave(watch)
    #expect(hub.next(try join(hub, after: seen)) == nil)
    #expect(value(hub.next(try join(hub, after: seen + 1))) == "a")
    #expect(value(hub.next(try join(hub, after: .max))) == "a")
    store.give(.success(SecretBytes("b")))
    hub.replace(snapshot(store, 2))
    #expect(value(hub.next(try join(hub, after: seen))) == "b")
  }

  @Test("what is watched no more is not sent, and others who watch it go on")
  func unsubscribed() throws {
    let store = ScriptedStore()
    let hub = hub(store)
    let (leaving, staying) = (try join(hub), try join(hub))
    #expect(value(hub.next(staying)) == "a")
    hub.unsubscribe(leaving, [0])
    #expect(hub.next(leaving) == nil)
    store.give(.success(SecretBytes("b")))
    hub.replace(snapshot(store, 2))
    #expect(hub.next(leaving) == nil && value(hub.next(staying)) == "b")
    hub.unsubscribe(leaving, [0])
    hub.leave(leaving)
    #expect(hub.counts == (1, 1))
    // Nobody's value is not read.
    hub.unsubscribe(staying, [0])
    let reads = store.reads
    hub.replace(snapshot(store, 3))
    #expect(store.reads == reads)
  }

  @Test("what is granted late is sent whatever its revision, above all that was sent before", arguments: [true, false])
  func late(isWatchedByAnother: Bool) throws {
    let store = ScriptedStore()
    let hub = hub(store)
    let other = SecretReference(store: "s", key: "other")
    let first = try join(hub)
    let old = revision(hub.next(first))
    if !isWatchedByAnother { hub.leave(first) }
    let watch = try hub.join([key, other], by: 1, after: 0, expiresAtSeconds: .max, wake: {}).watch
    hub.subscribe(watch, [(1, other)])
    let sent = revision(hub.next(watch))
    #expect(sent > old)
    hub.leave(watch)
    // The caller resumes after what it has, and then gets the grant.
    let resumed = try hub.join([key, other], by: 1, after: sent, expiresAtSeconds: .max, wake: {}).watch
    hub.subscribe(resumed, [(1, other)])
    #expect(hub.next(resumed) == nil)
    hub.subscribe(resumed, [(0, key)], isLate: true)
    let event = hub.next(resumed)
    #expect(value(event) == "a" && revision(event) > sent)
    #expect(hub.next(resumed) == nil)
    // Whoever has it gets it once more, or may resume after the one that it got.
    if isWatchedByAnother { #expect(value(hub.next(first)) == "a" && hub.next(first) == nil) }
  }

  @Test("however often watches come and go while reads hang, the reads that wait stay bounded")
  func hangingReads() throws {
    let hub = hub(ScriptedStore()) { $0.concurrentReads = 0 }
    for _ in 0..<1_000 { hub.leave(try join(hub)) }
    let waiting = hub.state.withLock { $0.reads.count }
    #expect(waiting <= 1)
  }

  @Test("whoever begins to watch while a thousand values are read again reads few of them")
  func foreignReads() throws {
    let store = ScriptedStore()
    let hub = hub(store)
    let many = (0..<1_000).map { SecretReference(store: "s", key: "k\($0)") }
    let watch = try hub.join(many, by: 1, after: 0, expiresAtSeconds: .max, wake: {}).watch
    hub.subscribe(watch, many.enumerated().map { (UInt32($0), $1) })
    #expect(store.reads == 1_000)
    let other = try hub.join([key], by: 1, after: 0, expiresAtSeconds: .max, wake: {}).watch
    let made = Mutex(0)
    store.onRead.withLock { [key] in
      $0 = {
        let before = store.ownReads
        hub.subscribe(other, [(0, key)])
        made.withLock { $0 = store.ownReads - before }
      }
    }
    hub.replace(snapshot(store, 2))
    let nested = made.withLock { $0 }
    #expect(nested == 65, "one of its own, 64 of others")
  }

  @Test("all spellings of one value are one in memory, and nothing of it is left when it has gone")
  func spellings() async throws {
    let store = ScriptedStore()
    let hub = hub(store)
    let spelled = (0..<100).map {
      SecretReference(store: "s", key: "k", property: "a.\(String(repeating: "0", count: $0))1")
    }
    let watch = try hub.join(spelled, by: 1, after: 0, expiresAtSeconds: .max, wake: {}).watch
    hub.subscribe(watch, spelled.enumerated().map { (UInt32($0), $1) })
    for _ in spelled { #expect(value(hub.next(watch)) == "a") }
    func held() -> Int { hub.state.withLock { $0.values.count } }
    #expect(held() == 1)
    store.give(.success(SecretBytes("b")))
    hub.replace(snapshot(store, 2))
    hub.replace(snapshot(store, 3))
    #expect(held() == 1)
    store.give(.failure(RPCError(.notFound, "gone")))
    hub.replace(snapshot(store, 4))
    #expect(held() == 0)
    store.give(.success(SecretBytes("c")))
    hub.replace(snapshot(store, 5))
    #expect(held() == 1)
    hub.leave(watch)
    clock.advance(61)
    await tick(hub)
    #expect(held() == 0)
  }

  @Test("a store that does not answer keeps no other from being asked and no watch from its heartbeat")
  func hangingStore() async throws {
    let (gate, open) = AsyncStream<Void>.makeStream()
    let asked = Mutex(0)
    let hanging = ScriptedStore(
      .marked {
        asked.withLock { $0 += 1 }
        for await _ in gate {}
        return 1
      })
    let mark = Mutex<Int64>(1)
    let marked = ScriptedStore(.marked { mark.withLock { $0 } })
    var settings = WatchSettings()
    settings.tickSeconds = 0.001
    settings.monotonicClock = { [clock] in clock.monotonic }
    let stores = StoreRegistry(["s": marked, "h": hanging])
    let hub = WatchHub(
      snapshot: ServiceSnapshot(generation: 1, manifests: .with(), stores: stores, generators: NoGenerators()),
      settings: settings, tag: 7)
    let (wakes, wake) = AsyncStream<Void>.makeStream()
    let secrets = [key, SecretReference(store: "h", key: "k")]
    let watch = try hub.join(secrets, by: 1, after: 0, expiresAtSeconds: .max) { wake.yield() }.watch
    hub.subscribe(watch, [(0, secrets[0]), (1, secrets[1])])
    let running = Task { await hub.run() }
    var woken = wakes.makeAsyncIterator()
    func next() async -> WatchHub.Event? {
      while true {
        if let event = hub.next(watch) { return event }
        await woken.next()
      }
    }
    #expect(value(await next()) == "a")
    #expect(value(await next()) == "a")
    clock.advance(31)
    guard case .heartbeat = await next() else { return #expect(Bool(false)) }
    marked.give(.success(SecretBytes("b")))
    mark.withLock { $0 = 2 }
    #expect(value(await next()) == "b")
    #expect(asked.withLock { $0 } == 1)
    running.cancel()
    open.finish()
    await running.value
  }

  @Test("silence is broken by a heartbeat, and watches are counted")
  func limits() async throws {
    let hub = hub(ScriptedStore()) { $0.maximumWatches = 1 }
    let watch = try join(hub)
    let last = revision(hub.next(watch))
    #expect(hub.refusedCount == 0)
    #expect(throws: RPCError.self) { try join(hub) }
    #expect(hub.refusedCount == 1)
    clock.advance(31)
    await tick(hub)
    #expect(hub.next(watch) == .heartbeat(last))
    #expect(hub.next(watch) == nil)
    hub.leave(watch)
    #expect(throws: Never.self) { try join(hub) }
  }
}
