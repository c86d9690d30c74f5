import Synchronization

/// Keys that wait to be worked on: each is worked on by one worker at a time, and once however often it was added.
///
/// A key that is added while it is worked on comes again afterwards. A key that failed comes back after a pause that
/// doubles with each failure.
actor WorkQueue<Key: Hashable & Sendable> {
  /// Pauses after failures, in seconds: the first, and the longest.
  struct Backoff: Sendable {
    var first = 1.0
    var longest = 300.0
    /// What each pause is multiplied by at random: keys that failed together do not come together again.
    var jitter = 0.75...1.25
  }

  private let backoff: Backoff
  private var ready: [Key] = []
  private var head = 0
  /// Waiting in ``ready``, or to be put there when their worker is done.
  private var dirty: Set<Key> = []
  private var running: Set<Key> = []
  private var failures: [Key: Int] = [:]
  private var timers: [Key: (at: ContinuousClock.Instant, task: Task<Void, Never>)] = [:]
  private var waiters: [CheckedContinuation<Key?, Never>] = []
  private var idleWaiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
  private var idleWaits: UInt64 = 0
  private var closeWaiters: [CheckedContinuation<Void, Never>] = []
  private var isClosed = false

  init(backoff: Backoff = Backoff()) { self.backoff = backoff }

  /// Adds a key that is to be worked on now.
  func add(_ key: Key) {
    guard !isClosed, dirty.insert(key).inserted else { return }
    timers.removeValue(forKey: key)?.task.cancel()
    guard !running.contains(key) else { return }
    hand(key)
  }

  /// Adds a key that is to be worked on in a while. Of several times the soonest counts.
  func add(_ key: Key, afterSeconds seconds: Double) {
    guard !isClosed else { return }
    let at = ContinuousClock.now + .seconds(seconds)
    if let timer = timers[key] {
      guard at < timer.at else { return }
      timer.task.cancel()
    }
    timers[key] = (
      at,
      Task { [weak self] in
        guard (try? await Task.sleep(until: at, clock: .continuous)) != nil else { return }
        await self?.ring(key, at)
      }
    )
  }

  /// The next key, or nil once the queue is closed; ``finish(_:failed:again:)`` has to follow.
  func next() async -> Key? {
    if isClosed { return nil }
    if head < ready.count {
      let key = ready[head]
      head += 1
      if head > 1_024, head * 2 > ready.count {
        ready.removeFirst(head)
        head = 0
      }
      begin(key)
      return key
    }
    return await withCheckedContinuation { waiters.append($0) }
  }

  /// Says that the key was worked on. Whether it `failed` decides on when it comes again, or else `again` does: seconds
  /// from now, nil for not by itself.
  func finish(_ key: Key, failed: Bool, again seconds: Double?) {
    running.remove(key)
    if failed {
      let count = failures[key, default: 0]
      failures[key] = count + 1
      let pause = min(backoff.longest, backoff.first * Double(1 << min(count, 30)))
      add(key, afterSeconds: pause * .random(in: backoff.jitter))
    } else {
      failures[key] = nil
      if let seconds { add(key, afterSeconds: seconds) }
    }
    if dirty.contains(key), !isClosed {
      timers.removeValue(forKey: key)?.task.cancel()
      hand(key)
    }
    tellIfIdle()
  }

  /// Waits until nothing is worked on or ready to be, or that many seconds; what has a time to come does not count.
  func idle(atMostSeconds seconds: Double? = nil) async {
    if running.isEmpty, dirty.isEmpty { return }
    idleWaits += 1
    let wait = idleWaits
    let timer = seconds.map { seconds in
      Task { [weak self] in
        try? await Task.sleep(for: .seconds(seconds))
        await self?.endWait(wait)
      }
    }
    await withCheckedContinuation { idleWaiters[wait] = $0 }
    timer?.cancel()
  }

  private func endWait(_ wait: UInt64) { idleWaiters.removeValue(forKey: wait)?.resume() }

  /// Waits until the queue is closed and nothing is worked on any more.
  func closed() async {
    if !isClosed { await withCheckedContinuation { closeWaiters.append($0) } }
    await idle()
  }

  /// Hands out no more keys.
  func close() {
    isClosed = true
    dirty = []
    ready = []
    head = 0
    for timer in timers.values { timer.task.cancel() }
    timers = [:]
    for waiter in waiters { waiter.resume(returning: nil) }
    waiters = []
    for waiter in closeWaiters { waiter.resume() }
    closeWaiters = []
    tellIfIdle()
  }

  private func ring(_ key: Key, _ at: ContinuousClock.Instant) {
    guard timers[key]?.at == at else { return }
    timers[key] = nil
    add(key)
  }

  private func hand(_ key: Key) {
    guard !waiters.isEmpty else { return ready.append(key) }
    begin(key)
    waiters.removeFirst().resume(returning: key)
  }

  private func begin(_ key: Key) {
    dirty.remove(key)
    running.insert(key)
  }

  private func tellIfIdle() {
    guard running.isEmpty, dirty.isEmpty else { return }
    for waiter in idleWaiters.values { waiter.resume() }
    idleWaiters = [:]
  }
}
