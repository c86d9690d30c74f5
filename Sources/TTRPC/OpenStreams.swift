import FederationAPI
import FederationProto
import Transport

/// The streaming calls of one connection.
struct OpenStreams {
  /// One call that has not ended.
  struct Open {
    let stream: any RPCStream
    let method: CallMethod
    /// Whether the caller may send more.
    var isInputOpen: Bool
    var deadline: MonotonicTime?
  }

  private var streams: [UInt32: Open] = [:]
  /// Streams that wait for the output to have room.
  private var blocked: Set<UInt32> = []
  private(set) var timer = DeadlineTimer()

  /// How many there are.
  var count: Int { streams.count }
  /// Whether there is none.
  var isEmpty: Bool { streams.isEmpty }
  /// The ids of all.
  var ids: [UInt32] { Array(streams.keys) }

  subscript(_ id: UInt32) -> Open? { streams[id] }

  /// Adds a call. Gives when to wake for its deadline, if a timer is to be set.
  mutating func insert(_ id: UInt32, _ open: Open, now: MonotonicTime) -> MonotonicTime? {
    streams[id] = open
    return open.deadline.flatMap { timer.wakeUp(for: $0, now: now) }
  }

  /// The caller of `id` sends no more.
  mutating func endInput(_ id: UInt32) { streams[id]?.isInputOpen = false }

  /// Removes a call that has ended.
  mutating func remove(_ id: UInt32) -> Open? {
    blocked.remove(id)
    return streams.removeValue(forKey: id)
  }

  /// Has `id` asked again when there is room.
  mutating func block(_ id: UInt32) { blocked.insert(id) }

  /// Takes those that waited for room.
  mutating func takeBlocked() -> Set<UInt32> {
    defer { blocked = [] }
    return blocked
  }

  /// The calls whose deadline has passed, and when to wake next.
  mutating func expired(now: MonotonicTime) -> (ids: [UInt32], wakeUp: MonotonicTime?) {
    timer.fired(now: now)
    var passed: [UInt32] = []
    var earliest: MonotonicTime?
    for (id, open) in streams {
      guard let deadline = open.deadline else { continue }
      if deadline <= now { passed.append(id) } else { earliest = min(earliest ?? deadline, deadline) }
    }
    return (passed, earliest.flatMap { timer.wakeUp(for: $0, now: now) })
  }
}
