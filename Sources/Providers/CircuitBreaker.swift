import FederationAPI

/// Keeps questions from a backend that is down: after some failures in a row none is asked for a moment, then one is, as a
/// probe, and its answer tells whether the backend is back. ``ProbeSchedule`` says whose that is.
struct CircuitBreaker {
  /// When it opens and how long it stays so.
  struct Settings: Sendable {
    /// Failures in a row that open it.
    var failures = 3
    /// The first pause before a probe, in seconds; each probe that fails doubles it.
    var firstPauseSeconds = 0.5
    /// The longest pause, in seconds: with a probe's own time what a backend's return may go unnoticed.
    var longestPauseSeconds = 2.0
  }

  /// How a question may be asked.
  enum Admission: Sendable { case ordinary, probe }

  private enum State {
    case closed(failures: Int)
    case open(until: MonotonicTime, pauseSeconds: Double)
    case probing(pauseSeconds: Double)
  }

  private let settings: Settings
  private var state = State.closed(failures: 0)

  init(_ settings: Settings = Settings()) { self.settings = settings }

  /// Whether no question would be admitted at `now`.
  func isOpen(at now: MonotonicTime) -> Bool {
    switch state {
    case .closed: false
    case .open(let until, _): now < until
    case .probing: true
    }
  }

  /// Whether a probe is under way.
  var isProbing: Bool { if case .probing = state { true } else { false } }

  /// Whether it opened and has not closed since.
  var isTripped: Bool { if case .closed = state { false } else { true } }

  /// From when on a probe is admitted; nil while none is to be, or one is under way.
  var probeTime: MonotonicTime? { if case .open(let until, _) = state { until } else { nil } }

  /// Admits a question, or nil while the backend is to be left alone. What is admitted has to be reported on.
  mutating func admit(at now: MonotonicTime) -> Admission? {
    switch state {
    case .closed: return .ordinary
    case .open(let until, let pause):
      guard now >= until else { return nil }
      state = .probing(pauseSeconds: pause)
      return .probe
    case .probing: return nil
    }
  }

  /// An admitted question was answered. True when that closes it.
  mutating func succeeded() -> Bool {
    defer { state = .closed(failures: 0) }
    if case .closed = state { return false }
    return true
  }

  /// The admitted probe was not asked after all: another may be, at once.
  mutating func withdrewProbe(at now: MonotonicTime) {
    if case .probing(let pause) = state { state = .open(until: now, pauseSeconds: pause) }
  }

  /// An admitted question failed. `spread`, from 0 to 1, keeps many servers from probing together. True when that opens
  /// it.
  mutating func failed(_ admission: Admission, at now: MonotonicTime, spread: Double) -> Bool {
    func open(_ pause: Double) -> State {
      .open(until: now.advanced(bySeconds: pause * (0.75 + spread / 4)), pauseSeconds: pause)
    }
    switch (state, admission) {
    case (.closed(let failures), _):
      guard failures + 1 >= settings.failures else {
        state = .closed(failures: failures + 1)
        return false
      }
      state = open(settings.firstPauseSeconds)
      return true
    case (.probing(let pause), .probe):
      state = open(min(pause * 2, settings.longestPauseSeconds))
      return false
    case (.open, _), (.probing, .ordinary):
      // Asked before it opened.
      return false
    }
  }
}
