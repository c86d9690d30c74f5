import Glibc
import Synchronization

/// Runs an actor's work on a thread of its own, so that a library's blocking calls never sit on Swift's cooperative
/// pool. An actor keeps one and returns it from `unownedExecutor`.
public final class BlockingExecutor: SerialExecutor {
  private let jobs = JobQueue()

  /// Starts the thread; it ends when the executor is let go.
  public init(name: String) throws(ThreadError) {
    let jobs = jobs
    try startDetachedThread(name: name) { jobs.run() }
  }

  deinit { jobs.close() }

  /// Queues one job; jobs run in the order they came.
  public func enqueue(_ job: consuming ExecutorJob) {
    jobs.add(UnownedJob(job), for: self)
  }
}

/// What waits for the thread. The thread keeps this queue alone, so that it does not keep its executor alive.
private final class JobQueue: Sendable {
  private struct Entry {
    let job: UnownedJob
    // A job may let go of the actor, and with it of the executor, while it runs.
    let executor: BlockingExecutor
  }
  private struct State {
    var entries: [Entry] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  // A POSIX semaphore may be posted and waited for by any thread; its address never changes. It is destroyed when
  // the last reference to the queue, held by the executor or its thread, is gone.
  private nonisolated(unsafe) let wakeups: UnsafeMutablePointer<sem_t>

  init() {
    wakeups = .allocate(capacity: 1)
    wakeups.initialize(to: sem_t())
    sem_init(wakeups, 0, 0)
  }

  deinit {
    sem_destroy(wakeups)
    wakeups.deallocate()
  }

  func add(_ job: UnownedJob, for executor: BlockingExecutor) {
    state.withLock { $0.entries.append(Entry(job: job, executor: executor)) }
    sem_post(wakeups)
  }

  func close() {
    state.withLock { $0.isClosed = true }
    sem_post(wakeups)
  }

  func run() {
    while true {
      while sem_wait(wakeups) != 0 {}
      let (entries, isClosed) = state.withLock { state in
        defer { state.entries = [] }
        return (state.entries, state.isClosed)
      }
      for entry in entries { entry.job.runSynchronously(on: entry.executor.asUnownedSerialExecutor()) }
      if isClosed { return }
    }
  }
}
