/// Values by key within a total cost; what was not asked for the longest goes first.
///
/// Inlinable, because a generic type that is not costs its callers in other modules thousands of instructions a use.
@frozen public struct LeastRecentlyUsedCache<Key: Hashable, Value> {
  @usableFromInline struct Entry {
    @usableFromInline var key: Key
    @usableFromInline var value: Value
    @usableFromInline var cost: Int

    @inlinable init(key: Key, value: Value, cost: Int) {
      self.key = key
      self.value = value
      self.cost = cost
    }
  }

  /// An entry's neighbours in the order of use. Apart from the entries, so that moving one copies no value.
  @usableFromInline struct Links {
    @usableFromInline var newer: Int32
    @usableFromInline var older: Int32

    @inlinable init(newer: Int32, older: Int32) {
      self.newer = newer
      self.older = older
    }
  }

  @inlinable static var none: Int32 { -1 }
  @usableFromInline var entries: [Entry?] = []
  @usableFromInline var links: [Links] = []
  @usableFromInline var freePlaces: [Int32] = []
  @usableFromInline var placeOfKey: [Key: Int32] = [:]
  @usableFromInline var newest = none
  @usableFromInline var oldest = none
  @usableFromInline let maximumCost: Int
  /// The sum of what is held.
  @usableFromInline var cost = 0

  /// An empty cache.
  @inlinable public init(maximumCost: Int) { self.maximumCost = maximumCost }

  /// How many values are held.
  @inlinable public var count: Int { placeOfKey.count }

  /// The value, which becomes the most recently used.
  @inlinable public mutating func value(for key: Key) -> Value? {
    guard let place = placeOfKey[key] else { return nil }
    if place != newest {
      unlink(place)
      link(place)
    }
    return entries[Int(place)]?.value
  }

  /// Puts `value` in place of what `key` had; a value whose cost is past the maximum is not kept.
  @inlinable public mutating func insert(_ value: Value, for key: Key, cost newCost: Int) {
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

  @inlinable mutating func remove(_ key: Key) {
    guard let place = placeOfKey.removeValue(forKey: key) else { return }
    clear(place)
  }

  @inlinable mutating func removeAll() { self = Self(maximumCost: maximumCost) }

  @inlinable mutating func removeOldest() {
    let place = oldest
    if let key = entries[Int(place)]?.key { placeOfKey.removeValue(forKey: key) }
    clear(place)
  }

  @inlinable mutating func clear(_ place: Int32) {
    unlink(place)
    cost -= entries[Int(place)]?.cost ?? 0
    entries[Int(place)] = nil
    freePlaces.append(place)
  }

  @inlinable mutating func unlink(_ place: Int32) {
    let (newer, older) = (links[Int(place)].newer, links[Int(place)].older)
    if newer == Self.none { newest = older } else { links[Int(newer)].older = older }
    if older == Self.none { oldest = newer } else { links[Int(older)].newer = newer }
  }

  @inlinable mutating func link(_ place: Int32) {
    links[Int(place)] = Links(newer: Self.none, older: newest)
    if newest != Self.none { links[Int(newest)].newer = place } else { oldest = place }
    newest = place
  }
}
