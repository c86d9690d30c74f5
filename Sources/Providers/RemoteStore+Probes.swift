import FederationAPI

extension RemoteStore {
  /// Has a backend that is down asked as soon as it may be.
  func probeInTime() {
    guard let time = calls.probeTime else { return }
    probes.schedule(at: time) { [weak self] in await self?.probe() ?? nil }
  }

  /// Asks the backend for what was asked for last, unless somebody else asks it or has found it back. Gives when to ask
  /// again.
  private func probe() async -> MonotonicTime? {
    if calls.isTripped, !calls.isDown {
      if let key = probes.key {
        // Who wants the same waits for this answer; one that was under way before the backend was found down tells nothing.
        _ = await fetches.answer(key, asksBackend: true) { [self] turn in await ask(key, cached(key), turn) }
      } else {
        _ = await check()
      }
    }
    // It may not have been asked: so many wait for it that there was no place.
    let soonest = settings.monotonicClock().advanced(bySeconds: Self.shortestProbePause)
    return calls.probeTime.map { max($0, soonest) }
  }

  /// Less than what the breaker waits for after a probe, in seconds.
  private static let shortestProbePause = 0.5
}
