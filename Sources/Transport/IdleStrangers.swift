import FederationAPI

/// The connections of one listener on one loop whose peers have not proved who they are, by how long nothing was heard of
/// them: when there is no room, the one that has been silent for the longest goes.
///
/// Connections do not tell when something is heard of them, which would cost each read. An entry's time is that at which it
/// was entered, so the true one is the same or later: an entry that comes first is looked at and entered anew when it was
/// wrong.
struct IdleStrangers {
  /// How many connections that are being served are passed over for one newcomer.
  private static let maximumBusy = 64
  private var queue = TimerQueue()

  /// Entries, those of connections that are gone included; for tests.
  var count: Int { queue.count }

  mutating func insert(_ connection: Connection, on loop: EventLoop) {
    // Those of connections that are gone are dropped before they outnumber the others.
    if queue.count > 2 * loop.openCount + 256 { queue.keep { Self.stranger($0.slot, on: loop) != nil } }
    queue.insert(TimerQueue.Entry(at: connection.heardAt, slot: connection.slot, tag: 0))
  }

  /// Takes out the connection that has been silent for the longest, and for `seconds` at least; nil when there is none.
  mutating func removeLongestIdle(for seconds: Double, on loop: EventLoop) -> Connection? {
    var busy: [TimerQueue.Entry] = []
    defer { for entry in busy { queue.insert(entry) } }
    while busy.count < Self.maximumBusy, let first = queue.earliest,
      first.advanced(bySeconds: seconds) <= loop.now, var entry = queue.removeDue(loop.now)
    {
      guard let connection = Self.stranger(entry.slot, on: loop) else { continue }
      if connection.heardAt > entry.at {
        entry.at = connection.heardAt
        queue.insert(entry)
      } else if connection.handler?.isIdle ?? true {
        return connection
      } else {
        // It is served now, so that nothing can be said of its silence before.
        entry.at = loop.now
        busy.append(entry)
      }
    }
    return nil
  }

  private static func stranger(_ slot: SlotID, on loop: EventLoop) -> Connection? {
    guard let connection = loop.connection(slot), !connection.isPeerProved else { return nil }
    return connection
  }
}
