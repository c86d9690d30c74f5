import FederationAPI
import Logging
import Synchronization

/// Asks one backend: as many questions at once as it may have, again where that may help, and not at all while it is
/// down.
final class BackendCalls: Sendable {
  private let store: String
  private let settings: BackendSettings
  private let slots: RequestSlots
  /// Lists are long: with places of their own they leave half of the slots to reads.
  private let listSlots: RequestSlots
  /// Lists by tags may make a request for each key, and two that differ share no answer: whatever there is of them, most
  /// places are left to plain ones.
  private let taggedListSlots: RequestSlots
  private let breaker = Mutex(CircuitBreaker())
  /// Those who wait for what comes of the probe.
  private let probeWaiters = Mutex<[ObjectIdentifier: OneAnswer<Bool>]>([:])
  private let keys = Mutex(FailingKeys())
  private let counts: StoreCounts
  /// Why the backend did not answer last.
  private let outage = Mutex("it was down a moment ago")
  private let log: Log

  init(store: String, settings: BackendSettings, counts: StoreCounts, log: Log) {
    self.store = store
    self.counts = counts
    self.settings = settings
    slots = RequestSlots(settings.concurrentRequests)
    listSlots = RequestSlots(max(1, settings.concurrentRequests / 2))
    taggedListSlots = RequestSlots(max(1, settings.concurrentRequests / 8))
    self.log = log
  }

  /// Whether the backend is to be left alone now.
  var isDown: Bool { breaker.withLock { $0.isOpen(at: settings.monotonicClock()) } }

  /// Whether a probe is under way, for whose end a question waits.
  var isBeingProbed: Bool { breaker.withLock { $0.isProbing } }

  /// From when on a probe is admitted; nil while none is to be, or one is under way.
  var probeTime: MonotonicTime? { breaker.withLock { $0.probeTime } }

  /// The key that the backend answered about last.
  var answeredKey: ProviderKey? { keys.withLock { $0.answered } }

  /// How many wait for the end of the probe.
  var waitingForProbe: Int { probeWaiters.withLock { $0.count } }

  /// How many wait in line, as ``RequestSlots/waiting`` counts them.
  var waitingInLine: Int { slots.waiting }

  /// Whether it was found to be down and has not been found to be back.
  var isTripped: Bool { breaker.withLock { $0.isTripped } }

  /// How much a question says of its backend when it is not answered in time.
  enum Kind { case read, list, taggedList }

  /// Has a question stand in line for `party`, too.
  func join(_ place: LinePlace, _ party: Int?) { slots.join(place, party) }

  /// Asks `question` until it is answered, or its time or its attempts are over. The time runs from now on, in line too.
  /// Its place there is `place`. `begins` is asked when its turn has come, and false ends it. It is about `key` alone where
  /// that is named.
  func ask<Value: Sendable>(
    _ kind: Kind, about key: ProviderKey? = nil, at place: LinePlace = LinePlace(of: nil),
    begins: @Sendable () -> Bool = { true },
    _ question: @Sendable (MonotonicTime) async throws(BackendError) -> Value
  ) async -> Result<Value, BackendError> {
    let deadline = MonotonicTime.now.advanced(bySeconds: settings.timeoutSeconds)
    let result: Result<Value, BackendError>?
    switch kind {
    case .read:
      result = await slots.run(by: deadline, at: place) { await admitted(kind, key, deadline, begins, question) }
    case .list: result = await listed(kind, deadline, place, begins, question)
    case .taggedList:
      result = await taggedListSlots.run(by: deadline) { await listed(kind, deadline, place, begins, question) } ?? nil
    }
    // It waited in line for all its time, which is no word of the backend's.
    return result ?? .failure(.busy(retryAfterSeconds: nil))
  }

  private func listed<Value: Sendable>(
    _ kind: Kind, _ deadline: MonotonicTime, _ place: LinePlace, _ begins: @Sendable () -> Bool,
    _ question: @Sendable (MonotonicTime) async throws(BackendError) -> Value
  ) async -> Result<Value, BackendError>? {
    await listSlots.run(by: deadline) {
      await slots.run(by: deadline, at: place) { await admitted(kind, nil, deadline, begins, question) }
    } ?? nil
  }

  /// Asks `question`, which has a slot, unless the backend is to be left alone.
  private func admitted<Value: Sendable>(
    _ kind: Kind, _ key: ProviderKey?, _ deadline: MonotonicTime, _ begins: @Sendable () -> Bool,
    _ question: @Sendable (MonotonicTime) async throws(BackendError) -> Value
  ) async -> Result<Value, BackendError> {
    guard let admission = await admission(kind, by: deadline) else {
      return .failure(.unavailable(reason: outage.withLock { $0 }))
    }
    if admission == .ordinary, let key, keys.withLock({ $0.isPaused(key, at: settings.monotonicClock()) }) {
      return .failure(.unavailable(reason: "it failed to answer about this key a moment ago"))
    }
    guard begins() else {
      if admission != .ordinary {
        breaker.withLock { $0.withdrewProbe(at: settings.monotonicClock()) }
        endProbe()
      }
      return .failure(.busy(retryAfterSeconds: nil))
    }
    let start = MonotonicTime.now
    guard case .probe(let number) = admission else {
      let result = await attempt(question, attempts: settings.attempts, deadline)
      report(result.failure, kind, key, admission, seconds: Double(start.nanoseconds(until: deadline)) / 1e9)
      return result
    }
    let late = Task { [settings] in
      try await Task.sleep(for: .seconds(settings.probeSeconds))
      self.probeIsLate(number)
    }
    let end = start.advanced(bySeconds: settings.timeoutSeconds)
    let result = await attempt(question, attempts: 1, end)
    late.cancel()
    report(result.failure, kind, key, admission, seconds: Double(start.nanoseconds(until: end)) / 1e9)
    endProbe()
    return result
  }

  private func probeIsLate(_ number: UInt64) {
    guard
      breaker.withLock({ $0.probeIsLate(number, at: settings.monotonicClock(), spread: .random(in: 0...1)) })
    else { return }
    endProbe()
  }

  /// How a question may be asked, once the probe that is under way has ended; nil when it may not be. A list is no probe: it
  /// may be too long for its time, and would keep the backend down for all.
  private func admission(_ kind: Kind, by deadline: MonotonicTime) async -> CircuitBreaker.Admission? {
    while true {
      let outcome = OneAnswer<Bool>()
      let (admission, waits) = breaker.withLock { breaker in
        let admission = breaker.admit(at: settings.monotonicClock(), asProbe: kind == .read)
        let waits = admission == nil && breaker.isProbing
        if waits { probeWaiters.withLock { $0[ObjectIdentifier(outcome)] = outcome } }
        return (admission, waits)
      }
      guard waits else { return admission }
      let hasEnded = await outcome.wait(until: deadline, late: false, givenUp: false)
      probeWaiters.withLock { $0[ObjectIdentifier(outcome)] = nil }
      guard hasEnded else { return nil }
    }
  }

  private func endProbe() {
    let waiters = probeWaiters.withLock { waiters in
      defer { waiters = [:] }
      return waiters
    }
    for waiter in waiters.values { waiter.tell(true) }
  }

  private func attempt<Value: Sendable>(
    _ question: @Sendable (MonotonicTime) async throws(BackendError) -> Value, attempts: Int, _ deadline: MonotonicTime
  ) async -> Result<Value, BackendError> {
    var pause = settings.firstPauseSeconds
    var attempt = 1
    while true {
      counts.asked.add(1, ordering: .relaxed)
      let failure: BackendError
      do throws(BackendError) {
        return .success(try await question(deadline))
      } catch { failure = error }
      if failure.isOutage {
        counts.outages.add(1, ordering: .relaxed)
      } else if failure != .notFound {
        counts.refusals.add(1, ordering: .relaxed)
      }
      var seconds = pause * Double.random(in: 0.5...1)
      if case .busy(let retryAfter?) = failure { seconds = max(seconds, retryAfter) }
      guard failure.isOutage, attempt < attempts, MonotonicTime.now.advanced(bySeconds: seconds) < deadline else {
        return .failure(failure)
      }
      try? await Task.sleep(for: .seconds(seconds))
      pause *= 2
      attempt += 1
    }
  }

  /// `seconds` is how long the backend had to answer.
  private func report(
    _ failure: BackendError?, _ kind: Kind, _ key: ProviderKey?, _ admission: CircuitBreaker.Admission, seconds: Double
  ) {
    let evidence = evidence(failure, kind, isProbe: admission != .ordinary, seconds: seconds)
    switch evidence {
    case .isThere:
      if let key { keys.withLock { $0.succeeded(key, at: settings.monotonicClock()) } }
      if breaker.withLock({ $0.succeeded() }) {
        log.write(.info, "store_recovered", ["store": store])
        // Maybe by a question from before it was down, while the probe goes on.
        endProbe()
      }
    // A probe has to end: what told nothing leaves the backend alone for another while.
    case .nothing where admission == .ordinary: break
    case .nothing, .isDown:
      let isOfKey =
        evidence == .isDown
        && key.map { key in keys.withLock { $0.failed(key, at: settings.monotonicClock()) } } ?? false
      if isOfKey, admission == .ordinary { return }
      if let failure { outage.withLock { $0 = failure.reason } }
      let opens = breaker.withLock {
        $0.failed(admission, at: settings.monotonicClock(), spread: .random(in: 0...1))
      }
      if opens { log.write(.warning, "store_down", ["store": store, "reason": failure?.reason ?? ""]) }
    }
  }

  private enum Evidence { case isThere, isDown, nothing }

  /// What an answer, or none, tells of the backend: one that makes no sense, or asks for patience, still is one, and a
  /// list may be too long for its time, or a question have had hardly any left, without the backend's doing. What is wrong
  /// with the store itself may have been found without the backend, which is no news of one that was down.
  private func evidence(_ failure: BackendError?, _ kind: Kind, isProbe: Bool, seconds: Double) -> Evidence {
    switch failure {
    case .unavailable: return .isDown
    case .timedOut:
      return kind == .read && seconds >= settings.timeoutSeconds * Self.fullPart ? .isDown : .nothing
    case .misconfigured where isProbe: return .nothing
    case nil, .notFound, .denied, .invalid, .misconfigured, .busy, .dataLoss: return .isThere
    }
  }

  /// Which part of a question's time counts as all of it: some of it goes by before the question is asked.
  private static let fullPart = 0.75
}

extension Result {
  /// The failure, nil for a success.
  fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
