/// Which reads of one connection are in the audit trail for the current minute: those may be answered from memory.
///
/// A mark is a hash of caller, store and key. Only keys that are in a store are marked, so nobody who calls can choose
/// two that share one.
struct ReadMarks {
  /// Past it all marks are forgotten, and those reads are noted once more.
  private static let maximumCount = 1_024
  private static let firstSlots = 16

  private var minute: Int64 = -1
  /// Open addressing, at most half full; 0 is a free slot.
  private var slots: [UInt64] = []
  private var count = 0

  /// Whether `mark` was there; it is from now on, for the rest of the minute.
  mutating func insert(_ mark: UInt64, minute: Int64) -> Bool {
    if minute != self.minute || count >= Self.maximumCount {
      self.minute = minute
      slots = []
      count = 0
    }
    let mark = mark == 0 ? 1 : mark
    if let slot = slot(of: mark), slots[slot] == mark { return true }
    if slots.count < (count + 1) * 2 { grow() }
    if let slot = slot(of: mark) { slots[slot] = mark }
    count += 1
    return false
  }

  /// Where `mark` is or belongs; nil while there are no slots.
  private func slot(of mark: UInt64) -> Int? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: mark) & mask
    while slots[index] != 0, slots[index] != mark { index = (index + 1) & mask }
    return index
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: max(Self.firstSlots, old.count * 2))
    for mark in old where mark != 0 {
      if let slot = slot(of: mark) { slots[slot] = mark }
    }
  }
}
