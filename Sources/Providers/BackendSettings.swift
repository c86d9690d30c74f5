import FederationAPI

/// How a store deals with its backend.
public struct BackendSettings: Sendable {
  /// Exchanges with one backend at once.
  public var concurrentRequests = 16
  /// Calls that may wait for one backend at once; one caller's at most as many as are free then.
  public var waitingCalls = 1_024
  /// How long one question may take with all its attempts and its time in line, in seconds; a probe has as much from when
  /// it is asked. ``Provider/timeoutSeconds`` may say more.
  public var timeoutSeconds = 10.0
  /// How long a caller waits for a question where there is an older value to give instead, in seconds. The question goes on.
  public var patienceSeconds = 2.0
  /// Which part of the time that a caller has itself it waits so, at most.
  public var patiencePart = 0.8
  /// Attempts at one question.
  public var attempts = 3
  /// The pause before the second attempt, in seconds; each further one is twice as long.
  public var firstPauseSeconds = 0.05
  /// How long it is remembered that a key is not there, in seconds.
  public var missingSeconds = 5.0
  /// How long it is remembered that the backend refused, in seconds.
  public var refusedSeconds = 2.0
  /// How long a probe keeps others from asking, in seconds. It may be answered later.
  public var probeSeconds = 2.0
  /// How long after the last call the store asks a backend that is down whether it is back, in seconds.
  public var probedSeconds = 300.0
  /// Tells how old values are, and when a backend that is down may be asked.
  public var monotonicClock: @Sendable () -> MonotonicTime = { .now }
  /// Waits until a moment of ``monotonicClock``, or until its task is cancelled.
  public var sleep: @Sendable (_ end: MonotonicTime) async -> Void = { end in
    try? await Task.sleep(nanoseconds: MonotonicTime.now.nanoseconds(until: end))
  }

  /// The defaults.
  public init() {}
}
