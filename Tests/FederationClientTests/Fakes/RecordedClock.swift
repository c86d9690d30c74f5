import Synchronization

/// A clock whose time passes by sleeping: each sleep is noted and ends at once, or only by cancellation.
final class RecordedClock: Clock {
  typealias Duration = Swift.Duration
  struct Instant: InstantProtocol {
    var offset: Duration
    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }
  private struct State {
    var offset = Duration.zero
    var sleeps: [Duration] = []
  }

  let minimumResolution = Duration.zero
  /// One element for each sleep, as soon as it is under way.
  let beginnings: AsyncStream<Void>
  private let began: AsyncStream<Void>.Continuation
  private let stands: Bool
  private let state = Mutex(State())

  /// With `stands` no sleep comes to its end by itself.
  init(stands: Bool = false) {
    self.stands = stands
    (beginnings, began) = AsyncStream.makeStream()
  }

  var now: Instant { Instant(offset: state.withLock { $0.offset }) }
  /// Every sleep so far.
  var sleeps: [Duration] { state.withLock { $0.sleeps } }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    state.withLock { state in
      state.sleeps.append(deadline.offset - state.offset)
      if !stands { state.offset = deadline.offset }
    }
    began.yield()
    guard stands else { return }
    let (never, end) = AsyncStream<Void>.makeStream()
    for await _ in never {}
    end.finish()
    throw CancellationError()
  }
}
