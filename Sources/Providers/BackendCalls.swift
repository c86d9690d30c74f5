import FederationAPI
import Logging
import Synchronization

/// How a store deals with its backend.
public struct BackendSettings: Sendable {
  /// Exchanges with one backend at once.
  public var concurrentRequests = 16
  /// Calls that may wait for one backend at once; one caller's at most as many as are free then.
  public var waitingCalls = 1_024
  /// How long one question may take with all its attempts and its time in line, in seconds.
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

  /// How much a question says of its backend when it is not answered in time.
  enum Kind { case read, list }

  /// Asks `question` until it is answered, or its time or its attempts are over. The time runs from now on, in line too.
  /// `isHurried` gives it less. `begins` is asked when its turn has come, and false ends it.
  func ask<Value: Sendable>(
    _ kind: Kind, isHurried: Bool, begins: @Sendable () -> Bool = { true },
    _ question: @Sendable (MonotonicTime) async throws(BackendError) -> Value
  ) async -> Result<Value, BackendError> {
    let deadline = MonotonicTime.now.advanced(
      bySeconds: isHurried ? settings.hurriedTimeoutSeconds : settings.timeoutSeconds)
    let result = await slots.run(by: deadline) { () -> Result<Value, BackendError> in
      guard begins() else { return .failure(.busy(retryAfterSeconds: nil)) }
      guard let admission = breaker.withLock({ $0.admit(at: settings.monotonicClock()) }) else {
        return .failure(.unavailable(reason: outage.withLock { $0 }))
      }
      let start = MonotonicTime.now
      let end =
        admission == .probe ? min(deadline, start.advanced(bySeconds: settings.hurriedTimeoutSeconds)) : deadline
      let result = await attempt(question, attempts: admission == .probe ? 1 : settings.attempts, end)
      report(result.failure, kind, admission, seconds: Double(start.nanoseconds(until: end)) / 1e9)
      return result
    }
    // It waited in line for all its time, which is no word of the backend's.
    return result ?? .failure(.busy(retryAfterSeconds: nil))
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
  private func report(_ failure: BackendError?, _ kind: Kind, _ admission: CircuitBreaker.Admission, seconds: Double) {
    switch evidence(failure, kind, seconds: seconds) {
    case .isThere:
      if breaker.withLock({ $0.succeeded() }) { log.write(.info, "store_recovered", ["store": store]) }
    // A probe has to end: what told nothing leaves the backend alone for another while.
    case .nothing where admission == .ordinary: break
    case .nothing, .isDown:
      if let failure { outage.withLock { $0 = failure.reason } }
      let opens = breaker.withLock {
        $0.failed(admission, at: settings.monotonicClock(), spread: .random(in: 0...1))
      }
      if opens { log.write(.warning, "store_down", ["store": store, "reason": failure?.reason ?? ""]) }
    }
  }

  private enum Evidence { case isThere, isDown, nothing }

  /// What an answer, or none, tells of the backend: one that makes no sense, or asks for patience, still is one, and a
  /// list may be too long for its time, or a question have had hardly any left, without the backend's doing.
  private func evidence(_ failure: BackendError?, _ kind: Kind, seconds: Double) -> Evidence {
    switch failure {
    case .unavailable: return .isDown
    case .timedOut:
      let ownSeconds = min(settings.hurriedTimeoutSeconds, settings.timeoutSeconds)
      return kind == .read && seconds >= ownSeconds * Self.fullPart ? .isDown : .nothing
    case nil, .notFound, .denied, .invalid, .misconfigured, .busy, .dataLoss: return .isThere
    }
  }

  /// Which part of the shortest time for a question counts as all of it: some of it goes by before the question is asked.
  private static let fullPart = 0.75
}

extension Result {
  /// The failure, nil for a success.
  fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
