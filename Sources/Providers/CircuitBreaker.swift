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
    /// The longest pause, in seconds: with the time after which a probe is late what a backend's return may go unnoticed.
    var longestPauseSeconds = 2.0
  }

  /// How a question may be asked.
  enum Admission: Sendable, Equatable { case ordinary, probe(number: UInt64) }

  private enum State {
    case closed(failures: Int)
    case open(until: MonotonicTime, pauseSeconds: Double)
    case probing(number: UInt64, pauseSeconds: Double)
  }

  private let settings: Settings
  private var state = State.closed(failures: 0)
  private var probeCount: UInt64 = 0

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

  /// Admits a question, `asProbe` where it may be one, or nil while the backend is to be left alone. What is admitted has to
  /// be reported on.
  mutating func admit(at now: MonotonicTime, asProbe: Bool = true) -> Admission? {
    switch state {
    case .closed: return .ordinary
    case .open(let until, let pause):
      guard now >= until, asProbe else { return nil }
      probeCount += 1
      state = .probing(number: probeCount, pauseSeconds: pause)
      return .probe(number: probeCount)
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
    if case .probing(_, let pause) = state { state = .open(until: now, pauseSeconds: pause) }
  }

  /// The probe of that number has not been answered for so long that another one may be made, as the backend may have
  /// dropped this one and be back; its answer counts all the same when it comes. False when it was answered.
  mutating func probeIsLate(_ number: UInt64, at now: MonotonicTime, spread: Double) -> Bool {
    guard case .probing(number, _) = state else { return false }
    _ = failed(.probe(number: number), at: now, spread: spread)
    return true
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
    case (.probing(let current, let pause), .probe(let number)) where current == number:
      state = open(min(pause * 2, settings.longestPauseSeconds))
      return false
    case (.open, _), (.probing, _):
      // Asked before it opened, or a probe that was late.
      return false
    }
  }
}
