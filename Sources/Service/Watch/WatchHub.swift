import Crypto
import FederationAPI
import SecretStores
import Synchronization

/// All watches of the process, and the values that they watch: each value once, however many watch it.
///
/// Changes come from a new snapshot, from stores that can tell, and, where a store cannot, from one reading again for all. A
/// watch is only told that there is something; it takes the newest value when its wire has room.
final class WatchHub: Sendable {
  struct State {
    var snapshot: ServiceSnapshot
    var revisions: WatchRevision
    var members: [UInt64: WatchMember] = [:]
    var memberCount: UInt64 = 0
    var refused: UInt64 = 0
    var room: WatchRoom
    var slots: [WatchedValue?] = []
    /// What the values of ``slots`` are.
    var values = SharedValues()
    var freeSlots: [Int32] = []
    var places: [SecretReference: Int32] = [:]
    var valueCount: UInt64 = 0
    /// The slots of each store's values, and what it said last of its changes.
    var stores: [StoreName: WatchedStore] = [:]
    /// Those that have been asked for it and have not answered.
    var asked: Set<StoreName> = []
    /// Slots of values that nobody watches.
    var idle: Set<Int32> = []
    /// Slots of values with a time to be read.
    var timed: Set<Int32> = []
    var reads = ReadQueue()
  }

  /// What a watch has to send.
  enum Event: Equatable {
    /// By place and revision, with how many seconds past its time a value was when it was read.
    case outcome(UInt32, UInt64, Result<SecretBytes, RPCError>, staleSeconds: UInt32?)
    case heartbeat(UInt64)
  }

  /// Reads for other watches that one which begins does, at most.
  private static let foreignReads = 64

  let settings: WatchSettings
  let state: Mutex<State>
  /// Runs while there are watches, and waits here while there are none.
  let arrivals: AsyncStream<Void>
  private let arrived: AsyncStream<Void>.Continuation

  /// Watches the stores of `snapshot` until ``replace(_:)``.
  init(snapshot: ServiceSnapshot, settings: WatchSettings, tag: UInt64) {
    self.settings = settings
    state = Mutex(
      State(
        snapshot: snapshot, revisions: WatchRevision(microseconds: settings.microseconds(), tag: tag),
        room: WatchRoom(settings)))
    (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Begins a watch of `secrets` by the identity named `owner`; none is looked at before ``subscribe(_:_:isLate:)``. Gives
  /// its number and the revision that it resumes after; throws RESOURCE_EXHAUSTED when there are too many.
  func join(
    _ secrets: [SecretReference], by owner: Int, after: UInt64, expiresAtSeconds: Int64,
    wake: @escaping @Sendable () -> Void
  ) throws(RPCError) -> (watch: UInt64, after: UInt64) {
    let usage = WatchRoom.Usage(references: secrets.count, bytes: secrets.textBytes)
    let joined = state.withLock { state -> (UInt64, UInt64)? in
      guard state.room.take(usage, by: owner) else {
        state.refused += 1
        return nil
      }
      state.memberCount += 1
      let after = state.revisions.known(after)
      state.members[state.memberCount] = WatchMember(
        wake: wake, owner: owner, usage: usage, after: after, heartbeatAt: nextHeartbeat,
        expiresAtSeconds: expiresAtSeconds)
      return (state.memberCount, after)
    }
    guard let joined else {
      throw RPCError(
        .resourceExhausted, "the server has as many watches as it may; retry later, or ask from time to time")
    }
    arrived.yield()
    return joined
  }

  /// Watches further secrets, by their places in the watch's request. Those that come late are sent whatever the watch
  /// resumes after: its caller was told that it may not read them.
  func subscribe(
    _ watch: UInt64, _ secrets: [(index: UInt32, reference: SecretReference)], isLate: Bool = false
  ) {
    guard !secrets.isEmpty else { return }
    let microseconds = settings.microseconds()
    let wakes = state.withLock { state in
      secrets.flatMap { state.subscribe(watch, $0.index, $0.reference, isLate: isLate, microseconds: microseconds) }
    }
    for wake in wakes { wake() }
    startReads(atMost: secrets.count + Self.foreignReads)
  }

  /// Watches the secrets at these places no more; what was still to be sent of them is not.
  func unsubscribe(_ watch: UInt64, _ secrets: [UInt32]) {
    guard !secrets.isEmpty else { return }
    let now = settings.monotonicClock()
    state.withLock { state in
      for index in secrets {
        state.unsubscribe(watch, index, at: now, maximumLingering: settings.maximumLingering)
      }
    }
  }

  /// The identity of a watch was renewed, or looked at: it ends at `expiresAtSeconds` and has to be looked at again at
  /// `lookAt`.
  func renew(_ watch: UInt64, expiresAtSeconds: Int64, lookAt: MonotonicTime) {
    state.withLock { state in
      state.members[watch]?.expiresAtSeconds = expiresAtSeconds
      state.members[watch]?.lookAt = lookAt
    }
  }

  /// Has every watch look at whether its identity still holds.
  func wakeAll() {
    let wakes = state.withLock { state in state.members.keys.compactMap { state.wake($0) } }
    for wake in wakes { wake() }
  }

  /// What the watch has to send; nil for nothing, and then it is woken when there is something.
  func next(_ watch: UInt64) -> Event? {
    let heartbeatAt = nextHeartbeat
    return state.withLock { state in state.next(watch, heartbeatAt: heartbeatAt) }
  }

  /// Ends a watch.
  func leave(_ watch: UInt64) {
    let now = settings.monotonicClock()
    state.withLock { state in state.leave(watch, at: now, maximumLingering: settings.maximumLingering) }
  }

  /// Takes up a new snapshot: all values are read again, and every watch looks at what it may still read.
  func replace(_ snapshot: ServiceSnapshot) {
    let wakes = state.withLock { state -> [@Sendable () -> Void] in
      guard snapshot.generation > state.snapshot.generation else { return [] }
      state.snapshot = snapshot
      // They may be other stores by the same names.
      state.asked = []
      for store in state.stores.values { state.queueReads(store.slots) }
      return state.members.keys.compactMap { state.wake($0) }
    }
    for wake in wakes { wake() }
    startReads()
  }

  /// Watches that were refused because there were too many.
  var refusedCount: UInt64 { state.withLock { $0.refused } }

  /// Watches and watched values, for tests and metrics.
  var counts: (watches: Int, values: Int) { state.withLock { ($0.members.count, $0.places.count) } }

  private var nextHeartbeat: MonotonicTime {
    settings.monotonicClock().advanced(bySeconds: settings.heartbeatSeconds)
  }
}

/// A store's name, hashed by its bytes with a seed: callers choose it.
struct StoreName: Hashable {
  private let bytes: [UInt8]
  init(_ name: String) { bytes = Array(name.utf8) }
}

/// The watched values of one store.
struct WatchedStore {
  let name: String
  var slots: Set<Int32> = []
  /// What it said last of its changes; nil before.
  var mark: Int64?
}
