import FederationAPI

/// One watch, as the hub keeps it: which of its secrets have changed since they were sent, and never the values themselves,
/// so that a caller who does not read costs no more than one who does.
struct WatchMember {
  /// Has the wire ask for events.
  let wake: @Sendable () -> Void
  /// Whose it is, and what it takes of the room.
  let owner: Int
  let usage: WatchRoom.Usage
  /// What the caller knows already.
  let after: UInt64
  /// The slot of each secret's value; negative for one that it may not read.
  var slots: [Int32]
  /// Whether a wake-up is under way.
  var isWoken = false
  var isHeartbeatDue = false
  var heartbeatAt: MonotonicTime
  /// When the identity ends, in seconds since 1970-01-01T00:00:00Z.
  var expiresAtSeconds: Int64
  /// When it has to be looked at whether the identity still holds.
  var lookAt = MonotonicTime(nanoseconds: .max)
  /// The largest revision that was sent, or that is in ``batch``; at first ``after``.
  var sentUpTo: UInt64
  /// Secrets that are sent whatever their revision: those that the caller was told it may not read.
  private var owed: Set<UInt32> = []
  /// Secrets that changed since ``batch`` was made.
  private var dirty: Set<UInt32> = []
  /// Secrets to be sent, the one with the smallest revision last.
  private var batch: [UInt32] = []

  init(
    wake: @escaping @Sendable () -> Void, owner: Int, usage: WatchRoom.Usage, after: UInt64, heartbeatAt: MonotonicTime,
    expiresAtSeconds: Int64
  ) {
    self.wake = wake
    self.owner = owner
    self.usage = usage
    self.after = after
    sentUpTo = after
    slots = [Int32](repeating: -1, count: usage.references)
    self.heartbeatAt = heartbeatAt
    self.expiresAtSeconds = expiresAtSeconds
  }

  /// The value of the secret at `index` has changed.
  mutating func mark(_ index: UInt32) {
    owed.remove(index)
    dirty.insert(index)
  }

  /// The secret at `index` is to be sent whatever its revision.
  mutating func owe(_ index: UInt32) { owed.insert(index) }

  /// Whether the caller does not have the value of `revision` of the secret at `index`, as far as can be known.
  func awaits(_ index: UInt32, _ revision: UInt64) -> Bool { after < revision || owed.contains(index) }

  /// The secret at `index` may be read no more; gives its slot.
  mutating func drop(_ index: UInt32) -> Int32 {
    owed.remove(index)
    dirty.remove(index)
    batch.removeAll { $0 == index }
    defer { slots[Int(index)] = -1 }
    return slots[Int(index)]
  }

  /// The secret to be sent next, by rising revisions: a caller that resumes from the last one that it got has all before it.
  mutating func next(revision: (Int32) -> UInt64) -> UInt32? {
    while true {
      if batch.isEmpty {
        guard !dirty.isEmpty else { return nil }
        let sorted = dirty.map { (index: $0, revision: revision(slots[Int($0)])) }.sorted { $0.revision > $1.revision }
        batch = sorted.map(\.index)
        sentUpTo = max(sentUpTo, sorted.first?.revision ?? 0)
        dirty = []
      }
      guard let index = batch.popLast() else { return nil }
      // One that has changed since is in the next batch, all of whose revisions are larger.
      if !dirty.contains(index) { return index }
    }
  }
}
