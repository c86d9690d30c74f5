/// Values by key within a total cost; what was not asked for the longest goes first.
package struct LeastRecentlyUsedCache<Key: Hashable, Value> {
  private struct Entry {
    var key: Key
    var value: Value
    var cost: Int
  }

  /// An entry's neighbours in the order of use. Apart from the entries, so that moving one copies no value.
  private struct Links {
    var newer: Int32
    var older: Int32
  }

  private static var none: Int32 { -1 }
  private var entries: [Entry?] = []
  private var links: [Links] = []
  private var freePlaces: [Int32] = []
  private var placeOfKey: [Key: Int32] = [:]
  private var newest = none
  private var oldest = none
  private let maximumCost: Int
  /// The sum of what is held.
  private(set) var cost = 0

  /// An empty cache.
  package init(maximumCost: Int) { self.maximumCost = maximumCost }

  /// How many values are held.
  package var count: Int { placeOfKey.count }

  /// The value, which becomes the most recently used.
  package mutating func value(for key: Key) -> Value? {
    guard let place = placeOfKey[key] else { return nil }
    if place != newest {
      unlink(place)
      link(place)
    }
    return entries[Int(place)]?.value
  }

  /// Puts `value` in place of what `key` had; a value whose cost is past the maximum is not kept.
  package mutating func insert(_ value: Value, for key: Key, cost newCost: Int) {
    guard newCost <= maximumCost, entries.count < Int(Int32.max) else {
      remove(key)
      return
    }
    let entry = Entry(key: key, value: value, cost: newCost)
    let place: Int32
    if let free = freePlaces.popLast() {
      place = free
      entries[Int(place)] = entry
    } else {
      place = Int32(entries.count)
      entries.append(entry)
      links.append(Links(newer: Self.none, older: Self.none))
    }
    // One search for both: a value that is there goes, and the new one takes its name.
    if let old = placeOfKey.updateValue(place, forKey: key) { clear(old) }
    while cost + newCost > maximumCost, oldest != Self.none { removeOldest() }
    cost += newCost
    link(place)
  }

  mutating func remove(_ key: Key) {
    guard let place = placeOfKey.removeValue(forKey: key) else { return }
    clear(place)
  }

  mutating func removeAll() { self = Self(maximumCost: maximumCost) }

  private mutating func removeOldest() {
    let place = oldest
    if let key = entries[Int(place)]?.key { placeOfKey.removeValue(forKey: key) }
    clear(place)
  }

  private mutating func clear(_ place: Int32) {
    unlink(place)
    cost -= entries[Int(place)]?.cost ?? 0
    entries[Int(place)] = nil
    freePlaces.append(place)
  }

  private mutating func unlink(_ place: Int32) {
    let (newer, older) = (links[Int(place)].newer, links[Int(place)].older)
    if newer == Self.none { newest = older } else { links[Int(newer)].older = older }
    if older == Self.none { oldest = newer } else { links[Int(older)].newer = newer }
  }

  private mutating func link(_ place: Int32) {
    links[Int(place)] = Links(newer: Self.none, older: newest)
    if newest != Self.none { links[Int(newest)].newer = place } else { oldest = place }
    newest = place
  }
}
