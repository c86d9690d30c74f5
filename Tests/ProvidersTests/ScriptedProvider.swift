import FederationAPI
import Logging
import Resources
import SecretStores
import Synchronization

@testable import Providers

/// A backend in this process, which a test takes down, slows and lets answer.
final class ScriptedProvider: Provider {
  private struct State {
    var version = 1
    var failure: BackendError?
    var fetches = 0
    var checks = 0
    var lists = 0
    var known: [String?] = []
    var asked: [String] = []
    var seconds: [Double] = []
    var isHeld = false
    var held: [CheckedContinuation<Void, Never>] = []
    var arrivals: [(count: Int, CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  /// How often a value was asked for.
  var fetches: Int { state.withLock { $0.fetches } }
  /// How often it was asked for its keys.
  var lists: Int { state.withLock { $0.lists } }
  /// How often it was checked.
  var checks: Int { state.withLock { $0.checks } }
  /// The version that the store said it knew, for each fetch.
  var known: [String?] { state.withLock { $0.known } }

  /// The keys, in the order in which they were asked for.
  var asked: [String] { state.withLock { $0.asked } }
  /// How long each fetch was given.
  var seconds: [Double] { state.withLock { $0.seconds } }

  /// Values have this version from now on.
  func rotate() { state.withLock { $0.version += 1 } }
  /// Every fetch fails so from now on; nil for none.
  func fail(_ failure: BackendError?) { state.withLock { $0.failure = failure } }
  /// Fetches wait until ``letGo()``.
  func hold() { state.withLock { $0.isHeld = true } }

  /// Fetches from now on do not wait; those that do go on waiting.
  func answerNewOnes() { state.withLock { $0.isHeld = false } }

  func letGo() {
    let held = state.withLock { state in
      state.isHeld = false
      defer { state.held = [] }
      return state.held
    }
    for continuation in held { continuation.resume() }
  }

  /// Waits until `count` values were asked for in all.
  func arrival(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.fetches < count { state.arrivals.append((count, continuation)) }
        return state.fetches >= count
      }
      if isThere { continuation.resume() }
    }
  }

  func fetch(_ key: ProviderKey, known: String?, deadline: MonotonicTime) async throws(BackendError) -> FetchedSecret {
    let (isHeld, arrived) = state.withLock { state in
      state.fetches += 1
      state.known.append(known)
      state.asked.append(key.name)
      state.seconds.append(Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9)
      let arrived = state.arrivals.filter { $0.count <= state.fetches }
      state.arrivals.removeAll { $0.count <= state.fetches }
      return (state.isHeld, arrived)
    }
    for (_, continuation) in arrived { continuation.resume() }
    if isHeld {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isHeld { state.held.append(continuation) }
          return !state.isHeld
        }
        if isOver { continuation.resume() }
      }
    }
    let (failure, version) = state.withLock { ($0.failure, $0.version) }
    if let failure { throw failure }
    if key.name.hasPrefix("missing") { throw .notFound }
    if key.name.hasPrefix("broken") { throw .unavailable(reason: "it answered with status 500") }
    if known == String(version) { return .unchanged }
    return .value(SecretBytes("\(key.name) \(version)"), version: String(version))
  }

  func refusal(of key: ProviderKey) -> BackendError? { key.name.hasPrefix("..") ? .notFound : nil }

  func list(_: TagFilter, limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String] {
    let failure = state.withLock { state in
      state.lists += 1
      return state.failure
    }
    if let failure { throw failure }
    return []
  }

  func check(deadline: MonotonicTime) async throws(BackendError) -> BackendProof {
    let failure = state.withLock { state in
      state.checks += 1
      return state.failure
    }
    if let failure { throw failure }
    return BackendProof("asked")
  }
}

/// A store over a scripted backend, with a clock of its own.
final class ScriptedStore: Sendable {
  let provider = ScriptedProvider()
  let cache: SecretCache
  let store: RemoteStore
  private let clock: Clock

  init(
    refresh: Double = 60, stale: Double = 600, cache: SecretCache = SecretCache(maximumBytes: 64 << 20),
    log: Log = Log(level: .error), _ change: (inout BackendSettings) -> Void = { _ in }
  ) {
    self.cache = cache
    let clock = Clock()
    var settings = BackendSettings()
    settings.firstPauseSeconds = 0.001
    settings.monotonicClock = { clock.now }
    settings.sleep = { await clock.sleep(until: $0) }
    change(&settings)
    self.clock = clock
    store = RemoteStore(
      name: "s", provider: provider, policy: CachePolicy(refreshSeconds: refresh, maximumStaleSeconds: stale),
      cache: cache, settings: settings, log: log)
  }

  func pass(_ seconds: Double) { clock.pass(seconds) }

  /// Waits until the store has made the probe that is due.
  func probed() async { while !store.probes.isAtRest, !Task.isCancelled { await Task.yield() } }

  /// What one read gave.
  struct Answer: Equatable {
    /// The value as text, or the code of the failure.
    let text: String
    /// How many seconds past its time the value was said to be.
    let stale: UInt32?

    init(_ text: String, stale: UInt32? = nil) {
      self.text = text
      self.stale = stale
    }
  }

  func read(
    _ key: String, fresh: Bool = false, for caller: VerifiedIdentity? = nil, deadline: MonotonicTime? = nil
  ) async -> Answer {
    let freshness = ReadFreshness(asksBackend: fresh, deadline: deadline)
    let result = await store.read(SecretReference(store: "s", key: key), freshness, for: caller).result()
    switch result {
    case .success(let value): return Answer(value.text ?? "", stale: freshness.staleSeconds)
    case .failure(let error): return Answer(error.code.name, stale: freshness.staleSeconds)
    }
  }

  /// The value that an event loop would answer with.
  func inMemory(_ key: String) -> String? { store.valueInMemory(key.utf8.span.bytes)?.text }
}

/// A clock that goes on when it is told to.
final class Clock: Sendable {
  private struct State {
    var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
    var sleepers: [(end: MonotonicTime, OneAnswer<Bool>)] = []
  }

  private let state = Mutex(State())
  var now: MonotonicTime { state.withLock { $0.now } }

  func pass(_ seconds: Double) {
    let woken = state.withLock { state in
      state.now = state.now.advanced(bySeconds: seconds)
      let now = state.now
      defer { state.sleepers.removeAll { $0.end <= now } }
      return state.sleepers.filter { $0.end <= now }
    }
    for (_, answer) in woken { answer.tell(true) }
  }

  /// Waits until it shows `end`, or the task is cancelled.
  func sleep(until end: MonotonicTime) async {
    let answer = OneAnswer<Bool>()
    let isOver = state.withLock { state in
      if state.now < end { state.sleepers.append((end, answer)) }
      return state.now >= end
    }
    if !isOver { _ = await answer.wait(givenUp: false) }
  }
}
