import FederationAPI
import Logging
import Synchronization

/// How a store deals with its backend.
public struct BackendSettings: Sendable {
  /// Exchanges with one backend at once.
  public var concurrentRequests = 16
  /// Calls that may wait for one backend at once.
  public var waitingCalls = 1_024
  /// How long one question may take with all its attempts, in seconds.
  public var timeoutSeconds = 10.0
  /// The same where there is an older value to give instead, and for a probe.
  public var hurriedTimeoutSeconds = 2.0
  /// Attempts at one question.
  public var attempts = 3
  /// The pause before the second attempt, in seconds; each further one is twice as long.
  public var firstPauseSeconds = 0.05
  /// How long it is remembered that a key is not there, in seconds.
  public var missingSeconds = 5.0
  /// How long it is remembered that the backend refused, in seconds.
  public var refusedSeconds = 2.0
  /// Tells how old values are, and when a backend that is down may be asked.
  public var monotonicClock: @Sendable () -> MonotonicTime = { .now }

  /// The defaults.
  public init() {}
}

/// Asks one backend: as many questions at once as it may have, again where that may help, and not at all while it is
/// down.
final class BackendCalls: Sendable {
  private let store: String
  private let settings: BackendSettings
  private let slots: RequestSlots
  private let breaker = Mutex(CircuitBreaker())
  private let counts: StoreCounts
  /// Why the backend did not answer last.
  private let outage = Mutex("it was down a moment ago")
  private let log: Log

  init(store: String, settings: BackendSettings, counts: StoreCounts, log: Log) {
    self.store = store
    self.counts = counts
    self.settings = settings
    slots = RequestSlots(settings.concurrentRequests)
    self.log = log
  }

  /// Whether the backend is to be left alone now.
  var isDown: Bool { breaker.withLock { $0.isOpen(at: settings.monotonicClock()) } }

  /// Whether it was found to be down and has not been found to be back.
  var isTripped: Bool { breaker.withLock { $0.isTripped } }

  /// Asks `question` until it is answered, or its time or its attempts are over. `isHurried` gives it less time.
  func ask<Value: Sendable>(
    isHurried: Bool, _ question: @Sendable (MonotonicTime) async throws(BackendError) -> Value
  ) async -> Result<Value, BackendError> {
    await slots.run {
      guard let admission = breaker.withLock({ $0.admit(at: settings.monotonicClock()) }) else {
        return .failure(.unavailable(reason: outage.withLock { $0 }))
      }
      let isShort = isHurried || admission == .probe
      let deadline = MonotonicTime.now.advanced(
        bySeconds: isShort ? settings.hurriedTimeoutSeconds : settings.timeoutSeconds)
      let result = await attempt(question, attempts: admission == .probe ? 1 : settings.attempts, deadline)
      report(result.failure, admission)
      return result
    }
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

  private func report(_ failure: BackendError?, _ admission: CircuitBreaker.Admission) {
    guard let failure, failure.isOutage else {
      if breaker.withLock({ $0.succeeded() }) { log.write(.info, "store_recovered", ["store": store]) }
      return
    }
    outage.withLock { $0 = failure.reason }
    let opens = breaker.withLock {
      $0.failed(admission, at: settings.monotonicClock(), spread: .random(in: 0...1))
    }
    if opens { log.write(.warning, "store_down", ["store": store, "reason": failure.reason]) }
  }
}

extension Result {
  /// The failure, nil for a success.
  fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
