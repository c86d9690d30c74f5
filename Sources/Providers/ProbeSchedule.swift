import FederationAPI
import Synchronization

/// When a store asks its backend, which is down, by itself whether it is back, so that no caller has to find that out: each
/// time that the ``CircuitBreaker`` admits a probe, as long as there are callers. While none comes the times between two
/// probes grow, and after ``BackendSettings/probedSeconds`` there are no more of them until one does.
final class ProbeSchedule: Sendable {
  /// Asks the backend; gives when to ask again, nil when that is not needed.
  typealias Probe = @Sendable () async -> MonotonicTime?

  /// What a probe is later by for whom nobody has called since the last one; each further one doubles it.
  private static let firstQuietSeconds = 2.0
  private static let longestQuietSeconds = 30.0

  private struct Wake {
    var number: UInt64
    var time: MonotonicTime
    var task: Task<Void, Never>
    var isAwake = false
  }

  private struct State {
    var lastCall: MonotonicTime?
    var key: ProviderKey?
    /// Whether somebody called since the last probe.
    var hasCallers = false
    var quietSeconds = 0.0
    var wake: Wake?
    var nextNumber: UInt64 = 0
    var isClosed = false
  }

  private let settings: BackendSettings
  private let state = Mutex(State())

  init(_ settings: BackendSettings) { self.settings = settings }

  /// The key that was asked for last; nil when none was.
  var key: ProviderKey? { state.withLock { $0.key } }

  /// Whether every probe that was due has ended.
  var isAtRest: Bool {
    let now = settings.monotonicClock()
    return state.withLock { state in state.wake.map { $0.time > now } ?? true }
  }

  /// Somebody wants something of the backend: the value of `key`, where there is one.
  func noteCall(for key: ProviderKey?) {
    let now = settings.monotonicClock()
    state.withLock { state in
      state.lastCall = now
      state.hasCallers = true
      if let key { state.key = key }
    }
  }

  /// Has `probe` run at `time`, when there are callers, unless it runs or will before that.
  func schedule(at time: MonotonicTime, _ probe: @escaping Probe) {
    state.withLock { state in
      let time = time.advanced(bySeconds: state.hasCallers ? 0 : state.quietSeconds)
      if let wake = state.wake, wake.isAwake || wake.time <= time { return }
      set(time, probe, &state)
    }
  }

  /// Ends all probes.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.wake?.task.cancel()
      state.wake = nil
    }
  }

  private func set(_ time: MonotonicTime, _ probe: @escaping Probe, _ state: inout State) {
    state.wake?.task.cancel()
    state.wake = nil
    guard !state.isClosed else { return }
    let number = state.nextNumber
    state.nextNumber += 1
    let task = Task { [weak self, sleep = settings.sleep] in
      await sleep(time)
      guard !Task.isCancelled, self?.begin(number) == true else { return }
      let next = await probe()
      self?.end(number, next: next, probe)
    }
    state.wake = Wake(number: number, time: time, task: task)
  }

  /// Whether the probe of that number is wanted.
  private func begin(_ number: UInt64) -> Bool {
    let now = settings.monotonicClock()
    return state.withLock { state in
      guard state.wake?.number == number else { return false }
      guard let lastCall = state.lastCall, now < lastCall.advanced(bySeconds: settings.probedSeconds) else {
        state.wake = nil
        return false
      }
      state.wake?.isAwake = true
      state.quietSeconds =
        state.hasCallers ? 0 : min(max(state.quietSeconds * 2, Self.firstQuietSeconds), Self.longestQuietSeconds)
      state.hasCallers = false
      return true
    }
  }

  private func end(_ number: UInt64, next: MonotonicTime?, _ probe: @escaping Probe) {
    state.withLock { state in
      guard state.wake?.number == number else { return }
      state.wake = nil
      guard let next else { return }
      set(next.advanced(bySeconds: state.hasCallers ? 0 : state.quietSeconds), probe, &state)
    }
  }
}
