import FederationAPI

/// One watch, as the hub keeps it: which of its secrets have changed since they were sent, and never the values themselves,
/// so that a caller who does not read costs no more than one who does.
struct WatchMember {
  /// Has the wire ask for events.
  let wake: @Sendable () -> Void
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
  /// Secrets that changed since ``batch`` was made.
  private var dirty: Set<UInt32> = []
  /// Secrets to be sent, the one with the smallest revision last.
  private var batch: [UInt32] = []

  init(
    wake: @escaping @Sendable () -> Void, after: UInt64, secrets: Int, heartbeatAt: MonotonicTime,
    expiresAtSeconds: Int64
  ) {
    self.wake = wake
    self.after = after
    slots = [Int32](repeating: -1, count: secrets)
    self.heartbeatAt = heartbeatAt
    self.expiresAtSeconds = expiresAtSeconds
  }

  /// The value of the secret at `index` has changed.
  mutating func mark(_ index: UInt32) { dirty.insert(index) }

  /// The secret to be sent next, by rising revisions: a caller that resumes from the last one that it got has all before it.
  mutating func next(revision: (Int32) -> UInt64) -> UInt32? {
    while true {
      if batch.isEmpty {
        guard !dirty.isEmpty else { return nil }
        let sorted = dirty.map { (index: $0, revision: revision(slots[Int($0)])) }.sorted { $0.revision > $1.revision }
        batch = sorted.map(\.index)
        dirty = []
      }
      guard let index = batch.popLast() else { return nil }
      // One that has changed since is in the next batch, all of whose revisions are larger.
      if !dirty.contains(index) { return index }
    }
  }
}
