import FederationAPI

/// A binary heap of one-shot timers, earliest first.
///
/// Timers are not cancelled: whoever is called checks whether the tag still means something. That keeps
/// setting one cheap, and a connection that ends leaves only entries that find no slot.
struct TimerQueue {
  struct Entry {
    var at: MonotonicTime
    var slot: SlotID
    var tag: UInt64
  }

  private var heap: [Entry] = []

  var earliest: MonotonicTime? { heap.first?.at }
  var count: Int { heap.count }

  mutating func insert(_ entry: Entry) {
    heap.append(entry)
    var index = heap.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      guard heap[index].at < heap[parent].at else { break }
      heap.swapAt(index, parent)
      index = parent
    }
  }

  /// Takes the earliest entry out when it is due at `now`.
  mutating func removeDue(_ now: MonotonicTime) -> Entry? {
    guard let first = heap.first, first.at <= now else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      siftDown()
    }
    return first
  }

  /// Drops the entries that `isKept` says no of.
  mutating func keep(where isKept: (Entry) -> Bool) {
    let entries = heap
    heap = []
    for entry in entries where isKept(entry) { insert(entry) }
  }

  private mutating func siftDown() {
    var index = 0
    while true {
      var smallest = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].at < heap[smallest].at {
        smallest = child
      }
      guard smallest != index else { return }
      heap.swapAt(index, smallest)
      index = smallest
    }
  }
}

/// A connection's place in its loop; the generation tells it from earlier ones in the same place.
struct SlotID: Hashable, Sendable {
  var index: UInt32
  var generation: UInt32

  /// As epoll's user data carries it.
  var packed: UInt64 { UInt64(generation) << 32 | UInt64(index) }

  init(index: UInt32, generation: UInt32) {
    self.index = index
    self.generation = generation
  }

  init(packed: UInt64) {
    self.init(index: UInt32(truncatingIfNeeded: packed), generation: UInt32(truncatingIfNeeded: packed >> 32))
  }
}
