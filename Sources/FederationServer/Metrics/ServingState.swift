import Synchronization

/// How far a server's life has come, as probes are told.
final class ServingState: Sendable {
  enum Phase: Sendable {
    /// It reads its resources.
    case starting
    case serving(any MetricsSource)
    case draining(any MetricsSource)
  }

  private let phase = Mutex(Phase.starting)

  var current: Phase { phase.withLock { $0 } }

  func change(to next: Phase) { phase.withLock { $0 = next } }

  func drain() {
    phase.withLock { phase in
      if case .serving(let source) = phase { phase = .draining(source) }
    }
  }
}
