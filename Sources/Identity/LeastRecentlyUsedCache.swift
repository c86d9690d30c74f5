/// Values by key within a total cost; what was not asked for the longest goes first.
struct LeastRecentlyUsedCache<Key: Hashable, Value> {
  private struct Slot {
    var key: Key
    var value: Value
    var cost: Int
    var newer: Int
    var older: Int
  }

  private static var none: Int { -1 }
  private var slots: [Slot?] = []
  private var freeSlots: [Int] = []
  private var slotOfKey: [Key: Int] = [:]
  private var newest = none
  private var oldest = none
  private let maximumCost: Int
  /// The sum of what is held.
  private(set) var cost = 0

  init(maximumCost: Int) { self.maximumCost = maximumCost }

  var count: Int { slotOfKey.count }

  /// The value, which becomes the most recently used.
  mutating func value(for key: Key) -> Value? {
    guard let index = slotOfKey[key], let slot = slots[index] else { return nil }
    if index != newest {
      unlink(slot)
      link(index)
    }
    return slot.value
  }

  /// Puts `value` in place of what `key` had; a value whose cost is past the maximum is not kept.
  mutating func insert(_ value: Value, for key: Key, cost newCost: Int) {
    remove(key)
    guard newCost <= maximumCost else { return }
    while cost + newCost > maximumCost, oldest != Self.none, let slot = slots[oldest] { remove(slot.key) }
    let index = freeSlots.popLast() ?? slots.count
    let slot = Slot(key: key, value: value, cost: newCost, newer: Self.none, older: Self.none)
    if index == slots.count { slots.append(slot) } else { slots[index] = slot }
    slotOfKey[key] = index
    cost += newCost
    link(index)
  }

  mutating func remove(_ key: Key) {
    guard let index = slotOfKey.removeValue(forKey: key), let slot = slots[index] else { return }
    unlink(slot)
    slots[index] = nil
    freeSlots.append(index)
    cost -= slot.cost
  }

  mutating func removeAll() { self = Self(maximumCost: maximumCost) }

  private mutating func unlink(_ slot: Slot) {
    if slot.newer == Self.none { newest = slot.older } else { slots[slot.newer]?.older = slot.older }
    if slot.older == Self.none { oldest = slot.newer } else { slots[slot.older]?.newer = slot.newer }
  }

  private mutating func link(_ index: Int) {
    slots[index]?.newer = Self.none
    slots[index]?.older = newest
    if newest != Self.none { slots[newest]?.newer = index } else { oldest = index }
    newest = index
  }
}
