/// The connections of one loop that keep their TLS record buffers, 34 KiB each, because they were busy lately.
///
/// A ring: who becomes warm takes the place of who has been so for the longest, whose buffers are released. So a few
/// hundred busy connections never allocate, and ten thousand idle ones hold nothing.
struct WarmSessions {
  /// Places in the ring.
  static let capacity = 256
  private var ring: [SlotID] = []
  private var next = 0

  /// Puts a connection in the ring. Returns the one that has to make room.
  mutating func admit(_ slot: SlotID) -> SlotID? {
    guard ring.count == WarmSessions.capacity else {
      ring.append(slot)
      return nil
    }
    defer { next = (next + 1) % WarmSessions.capacity }
    let evicted = ring[next]
    ring[next] = slot
    return evicted
  }
}
