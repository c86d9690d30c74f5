import Synchronization

/// Ends a pause before its time.
public final class RefreshBell: Sendable {
  private struct State {
    var isRung = false
    var pause: Task<Void, Never>?
  }
  private let state = Mutex(State())

  /// Makes a bell.
  public init() {}

  /// Ends the pause that is under way, or else the next one: a refresh that runs already may have asked too early.
  public func ring() {
    state.withLock { state in
      state.isRung = true
      state.pause?.cancel()
    }
  }

  /// Waits for `duration`, or for ``ring()``.
  func wait<Time: Clock>(_ duration: Duration, on clock: Time) async where Time.Duration == Duration {
    let pause = Task { do { try await clock.sleep(for: duration) } catch { return } }
    state.withLock { state in
      state.pause = pause
      if state.isRung { pause.cancel() }
    }
    await withTaskCancellationHandler {
      await pause.value
    } onCancel: {
      pause.cancel()
    }
    state.withLock { $0 = State() }
  }
}
