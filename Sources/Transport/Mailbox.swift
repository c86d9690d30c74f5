import CLinux
import Synchronization

/// Work for an event loop from other threads, announced by an eventfd.
final class Mailbox: Sendable {
  enum Job: Sendable {
    case onLoop(@Sendable (EventLoop) -> Void)
    case onConnection(SlotID, @Sendable (Connection) -> Void)
  }

  private struct State {
    var jobs: [Job] = []
    var isClosed = false
  }

  let descriptor: Int32
  private let state = Mutex(State())

  init() throws(TransportError) {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    guard descriptor >= 0 else { throw .system("eventfd") }
  }

  deinit { close(descriptor) }

  /// Queues `job`. Returns false when the loop has ended and nobody will run it.
  @discardableResult
  func post(_ job: Job) -> Bool {
    let (accepted, first) = state.withLock { state in
      guard !state.isClosed else { return (false, false) }
      state.jobs.append(job)
      return (true, state.jobs.count == 1)
    }
    if first {
      var one: UInt64 = 1
      _ = write(descriptor, &one, 8)
    }
    return accepted
  }

  /// Takes all that is queued. The eventfd is reset first, so that no job is taken without a wake-up to come.
  func takeAll() -> [Job] {
    var counter: UInt64 = 0
    _ = read(descriptor, &counter, 8)
    return state.withLock { state in
      let jobs = state.jobs
      state.jobs = []
      return jobs
    }
  }

  /// Refuses further jobs and gives back those that nobody will run.
  func close() -> [Job] {
    state.withLock { state in
      state.isClosed = true
      let jobs = state.jobs
      state.jobs = []
      return jobs
    }
  }

  private func close(_ descriptor: Int32) { _ = CLinux.close(descriptor) }
}
