import FederationAPI
import SecretStores

/// Values that are to be read, oldest first, and how many are being read.
struct ReadQueue {
  private var waiting: [Int32] = []
  /// The same: however often values come and go while all reads hang, none stands there twice.
  private var slots: Set<Int32> = []
  private var first = 0
  var running = 0

  /// How many wait.
  var count: Int { slots.count }

  mutating func append(_ slot: Int32) {
    if slots.insert(slot).inserted { waiting.append(slot) }
  }

  mutating func popFirst() -> Int32? {
    guard first < waiting.count else { return nil }
    let slot = waiting[first]
    slots.remove(slot)
    first += 1
    if first == waiting.count || first >= 1_024 {
      waiting.removeFirst(first)
      first = 0
    }
    return slot
  }
}

extension WatchHub.State {
  /// Has the values in `wanted` read, unless nobody watches them. One that is being read is read once more: what changed may
  /// be newer than what its read sees.
  mutating func queueReads(_ wanted: some Sequence<Int32>) {
    for slot in wanted {
      guard let value = slots[Int(slot)], value.idleSince == nil, !value.isQueued else { continue }
      slots[Int(slot)]?.isQueued = true
      if !value.isReading { reads.append(slot) }
    }
  }
}

/// Reading the stores, a few values at a time.
extension WatchHub {
  struct Read: Sendable {
    let slot: Int32
    let serial: UInt64
    let reference: SecretReference
    let snapshot: ServiceSnapshot
  }

  /// Starts reads that wait, of which those from memory are done when this returns. Past `limit` they go on elsewhere: an
  /// event loop does not read for all that a reload brings.
  func startReads(atMost limit: Int = .max) {
    for _ in 0..<limit {
      guard let read = nextRead() else { return }
      guard let store = read.snapshot.stores[read.reference.store] else {
        finish(read, .failure(.noStore(read.reference.store)))
        continue
      }
      let freshness = ReadFreshness()
      switch store.read(read.reference, freshness, for: nil) {
      case .ready(let result): finish(read, result, staleSeconds: freshness.staleSeconds)
      case .pending(let work):
        Task {
          let result = await work()
          self.finish(read, result, staleSeconds: freshness.staleSeconds)
          self.startReads()
        }
      }
    }
    Task { self.startReads() }
  }

  private func nextRead() -> Read? {
    state.withLock { state in
      guard state.reads.running < settings.concurrentReads else { return nil }
      while let slot = state.reads.popFirst() {
        // Its value may have been given up since.
        guard let value = state.slots[Int(slot)], value.isQueued, !value.isReading else { continue }
        state.slots[Int(slot)]?.isQueued = false
        state.slots[Int(slot)]?.isReading = true
        state.slots[Int(slot)]?.readAt = nil
        state.timed.remove(slot)
        state.reads.running += 1
        return Read(slot: slot, serial: value.serial, reference: value.reference, snapshot: state.snapshot)
      }
      return nil
    }
  }

  private func finish(_ read: Read, _ result: Result<SecretBytes, RPCError>, staleSeconds: UInt32? = nil) {
    let now = settings.monotonicClock()
    let microseconds = settings.microseconds()
    let tells = read.snapshot.stores[read.reference.store]?.changes.isTold ?? true
    let wakes = state.withLock { state -> [@Sendable () -> Void] in
      state.reads.running -= 1
      guard var value = state.slots[Int(read.slot)], value.serial == read.serial else { return [] }
      // Taken out while it changes, so that what it holds is not copied.
      state.slots[Int(read.slot)] = nil
      let isAwaited = value.subscribers.contains {
        state.members[$0.watch]?.awaits($0.index, value.revision) ?? false
      }
      value.isReading = false
      let (old, held) = (value.outcome, state.values.hold(result))
      let change = value.take(
        held, staleSeconds: staleSeconds, now: now, graceSeconds: settings.errorGraceSeconds, isAwaited: isAwaited,
        next: { state.revisions.next(microseconds: microseconds) })
      state.values.release(change == .published ? old : held)
      let isIdle = value.subscribers.isEmpty
      if isIdle {
        value.rest(at: value.idleSince ?? now)
      } else if case .failure(let error) = result, error.mayPass {
        value.readAt = now.advanced(bySeconds: settings.retrySeconds)
      } else if !tells {
        value.readAt = now.advanced(bySeconds: settings.pollSeconds * Double.random(in: 0.9...1.1))
      }
      if value.readAt != nil { state.timed.insert(read.slot) }
      let readsAgain = value.isQueued
      state.slots[Int(read.slot)] = value
      if readsAgain { state.reads.append(read.slot) }
      return change == .published ? state.publish(read.slot) : []
    }
    for wake in wakes { wake() }
  }
}
