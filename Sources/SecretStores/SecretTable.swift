import FederationAPI

/// Values by key, for lookups by bytes that stand in somebody's buffer: a hash table with open addressing whose slots
/// lie side by side, since in a table of millions every place that is looked at is a wait for memory.
///
/// Keys are an operator's, not a caller's, so that nobody can make them collide; see ``Swift/RawSpan/tableHash``.
struct SecretTable: Sendable {
  private struct Slot: Sendable {
    /// Never 0 where there is a value.
    var hash: UInt64 = 0
    /// Labelled with its key.
    var value: SecretBytes?
  }

  private var slots: [Slot]
  private let mask: Int

  /// Holds `values`, one for each key.
  init(_ values: [[UInt8]: SecretBytes]) {
    // At most half full, so that a lookup ends after one or two slots.
    var capacity = 8
    while capacity < values.count * 2 { capacity *= 2 }
    slots = [Slot](repeating: Slot(), count: capacity)
    mask = capacity - 1
    for (key, value) in values { insert(key.span.bytes, value) }
  }

  private mutating func insert(_ key: RawSpan, _ value: SecretBytes) {
    let hash = SecretTable.hash(key)
    var index = Int(truncatingIfNeeded: hash) & mask
    while slots[index].hash != 0 { index = (index + 1) & mask }
    slots[index] = Slot(hash: hash, value: value.withBytes { SecretBytes($0, label: key) })
  }

  /// The value of `key`, or nil when there is none.
  func value(of key: RawSpan) -> SecretBytes? {
    let hash = SecretTable.hash(key)
    var index = Int(truncatingIfNeeded: hash) & mask
    while true {
      let found = slots[index].hash
      if found == hash, let value = slots[index].value, value.isLabelled(key) { return value }
      if found == 0 { return nil }
      index = (index + 1) & mask
    }
  }

  private static func hash(_ key: RawSpan) -> UInt64 { max(1, key.tableHash) }
}
