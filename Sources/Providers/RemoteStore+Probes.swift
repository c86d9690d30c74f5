import FederationAPI

extension RemoteStore {
  /// Has a backend that is down asked as soon as it may be.
  func probeInTime() {
    guard let time = calls.probeTime else { return }
    probes.schedule(at: time) { [weak self] in await self?.probe() ?? nil }
  }

  /// Asks the backend for what it answered last, or what it was asked for last, unless somebody else asks it or has found it
  /// back. Gives when to ask again.
  private func probe() async -> MonotonicTime? {
    if calls.isTripped, !calls.isDown {
      let isOver = OneAnswer<Bool>()
      Task { [self] in
        // What one caller asks for may be what the backend cannot answer.
        if let key = calls.answeredKey ?? probes.key {
          // Who wants the same waits for this answer; one that was under way before the backend was found down tells nothing.
          _ = await fetches.answer(key, asksBackend: true) { [self] turn in await ask(key, cached(key), turn) }
        } else {
          _ = await check()
        }
        isOver.tell(true)
      }
      // One that hangs goes on, and there may be another then.
      let patience = settings.probeSeconds + Self.shortestProbePause
      _ = await isOver.wait(until: .now.advanced(bySeconds: patience), late: false, givenUp: false)
    }
    // It may not have been asked: so many wait for it that there was no place.
    let soonest = settings.monotonicClock().advanced(bySeconds: Self.shortestProbePause)
    return calls.probeTime.map { max($0, soonest) }
  }

  /// Less than what the breaker waits for after a probe, in seconds.
  private static let shortestProbePause = 0.5
}
