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
    /// When the first message must be there; nil once it is.
    var firstMessageBy: MonotonicTime?

    /// When the call ends if nothing comes.
    var end: MonotonicTime? {
      guard let deadline, let firstMessageBy else { return deadline ?? firstMessageBy }
      return min(deadline, firstMessageBy)
    }
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

  /// Adds a call. Gives when to wake for its deadlines, if a timer is to be set.
  mutating func insert(_ id: UInt32, _ open: Open, now: MonotonicTime) -> MonotonicTime? {
    streams[id] = open
    return open.end.flatMap { timer.wakeUp(for: $0, now: now) }
  }

  /// A message of `id` came.
  mutating func messageCame(_ id: UInt32) {
    if streams[id]?.firstMessageBy != nil { streams[id]?.firstMessageBy = nil }
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

  /// The calls whose deadline has passed, for the call or its first message, and when to wake next.
  mutating func expired(now: MonotonicTime) -> (ids: [UInt32], wakeUp: MonotonicTime?) {
    timer.fired(now: now)
    var passed: [UInt32] = []
    var earliest: MonotonicTime?
    for (id, open) in streams {
      guard let end = open.end else { continue }
      if end <= now { passed.append(id) } else { earliest = min(earliest ?? end, end) }
    }
    return (passed, earliest.flatMap { timer.wakeUp(for: $0, now: now) })
  }
}
