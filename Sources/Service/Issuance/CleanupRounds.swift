import Ledger

/// The cleanups that the reaper has begun: those of one backend run one round at a time, and beside those of others, so
/// that a backend that hangs holds up only what is its own.
actor CleanupRounds {
  private var running: [String: Task<Void, Never>] = [:]
  private var finished: AsyncStream<Void>.Continuation?

  /// The backends whose round goes on, by the manifest that their credentials were made under.
  var busy: Set<String> { Set(running.keys) }

  /// Begins a round for each backend that has none, and waits until all are done, though no longer than `patience`
  /// seconds: those that take longer go on.
  func run(
    _ states: [String: [GeneratorState]], patience: Double,
    _ clean: @escaping @Sendable ([GeneratorState]) async -> Void
  ) async {
    let (ends, end) = AsyncStream<Void>.makeStream()
    finished = end
    for (backend, due) in states where running[backend] == nil {
      running[backend] = Task {
        await clean(due)
        ended(backend)
      }
    }
    let timer = Task {
      try? await Task.sleep(nanoseconds: UInt64(patience * 1e9))
      end.finish()
    }
    if !running.isEmpty { for await _ in ends where running.isEmpty { break } }
    timer.cancel()
    end.finish()
  }

  /// Has rounds that go on begin no further cleanup.
  func cancel() {
    for round in running.values { round.cancel() }
  }

  private func ended(_ backend: String) {
    running[backend] = nil
    finished?.yield()
  }
}
