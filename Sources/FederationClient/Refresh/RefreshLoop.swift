/// Refreshes again and again, one refresh at a time.
public struct RefreshLoop<Time: Clock>: Sendable where Time.Duration == Duration {
  private let schedule: RefreshSchedule
  private let bell: RefreshBell
  private let clock: Time

  /// Makes a loop whose pauses are those of `schedule` on `clock`; `bell` ends one early.
  public init(_ schedule: RefreshSchedule, bell: RefreshBell, clock: Time = ContinuousClock()) {
    self.schedule = schedule
    self.bell = bell
    self.clock = clock
  }

  /// Pauses and refreshes until its task is cancelled; the first refresh is the caller's, and done.
  ///
  /// - Parameters:
  ///   - refresh: gives why it failed, or nil.
  ///   - failed: is told why, and how long the pause before the next try is.
  public func run(refresh: () async -> String?, failed: (String, Duration) -> Void) async {
    var schedule = schedule
    var pause = schedule.pause(succeeded: true)
    while true {
      await bell.wait(pause, on: clock)
      if Task.isCancelled { return }
      let failure = await refresh()
      pause = schedule.pause(succeeded: failure == nil)
      if let failure { failed(failure, pause) }
    }
  }
}
