import FederationAPI
import Synchronization

/// What the backends of all stores said, in one bounded memory. The store that has most of it makes room, by what of its
/// own was not asked for the longest time: what has less than its share, the whole by the number of stores, loses nothing
/// to others. No store sees another's entries. That a key is missing makes room for nothing but the same: whoever asks for many that are
/// not there drives no value out.
public final class SecretCache: Sendable {
  /// What an entry takes beside its texts, in bytes.
  static let entryOverhead = 256
  /// Which part of the whole is for what is not a value.
  private static let failurePart = 8

  fileprivate struct Slot {
    var hash: Int
    var store: UInt64
    var name: [UInt8]
    var version: [UInt8]
    var secret: CachedSecret
    /// Its store's place among the lists.
    var list = 0
    /// Neighbours in the store's order of use; -1 at the ends.
    var newer: Int
    var older: Int

    var byteCount: Int { SecretCache.entryOverhead + name.count + version.count + secret.byteCount }
  }

  fileprivate struct State {
    var values = Entries()
    var failures = Entries()
  }

  fileprivate struct Entries {
    var slots: [Slot?] = []
    var free: [Int] = []
    /// By hash. Of two keys with one hash, which nobody can bring about, the later takes the place.
    var places: [Int: Int] = [:]
    var byteCount = 0
    /// One for each store with entries; the others are free.
    var lists: [List] = []
    var freeLists: [Int] = []
    var listOf: [UInt64: Int] = [:]
  }

  /// One store's entries, in their order of use.
  fileprivate struct List {
    var newest = -1
    var oldest = -1
    var usage = Usage()
  }

  /// What one store has in memory.
  struct Usage {
    var bytes = 0
    var entries = 0
  }

  private let maximumBytes: Int
  private let maximumFailureBytes: Int
  private let state = Mutex(State())

  /// Holds at most `maximumBytes`, an eighth of them for what is not a value.
  public init(maximumBytes: Int) {
    maximumFailureBytes = maximumBytes / Self.failurePart
    self.maximumBytes = maximumBytes
  }

  /// Bytes in use.
  public var byteCount: Int { state.withLock { $0.values.byteCount + $0.failures.byteCount } }

  /// Entries in use.
  public var count: Int { state.withLock { $0.values.places.count + $0.failures.places.count } }

  /// What `store` has in memory.
  func usage(of store: UInt64) -> Usage {
    state.withLock { state in
      [state.values, state.failures].compactMap { $0.usage(of: store) }.reduce(into: Usage()) { sum, part in
        sum.bytes += part.bytes
        sum.entries += part.entries
      }
    }
  }

  /// What is known of the key. `claimsRefresh` is asked whether the caller would fetch it again, which only the first is
  /// told to, by `isClaimed`. Allocates nothing.
  func secret(
    _ store: UInt64, _ name: RawSpan, version: RawSpan, claimsRefresh: (CachedSecret) -> Bool = { _ in false }
  ) -> (secret: CachedSecret, isClaimed: Bool)? {
    let hash = Self.hash(store, name, version)
    return state.withLock { state in
      if let place = state.values.place(hash, store, name, version), let secret = state.values.use(place) {
        guard !secret.isBeingRefreshed, claimsRefresh(secret) else { return (secret, false) }
        state.values.slots[place]?.secret.isBeingRefreshed = true
        return (secret, true)
      }
      guard let place = state.failures.place(hash, store, name, version) else { return nil }
      return state.failures.use(place).map { ($0, false) }
    }
  }

  /// Keeps `secret` in place of what was known of the key, unless that was asked for later, or `secret` is larger than an
  /// eighth of the whole.
  func keep(_ secret: CachedSecret, _ store: UInt64, _ name: RawSpan, version: RawSpan) {
    let hash = Self.hash(store, name, version)
    let slot = Slot(
      hash: hash, store: store, name: name.withUnsafeBytes { Array($0) },
      version: version.withUnsafeBytes { Array($0) },
      secret: secret, newer: -1, older: -1)
    state.withLock { state in
      let known = [state.values, state.failures].compactMap { $0.askedAt(hash, store, name, version) }
      guard known.allSatisfy({ $0 <= secret.askedAt }) else { return }
      if let place = state.values.places[hash] { state.values.remove(place) }
      if let place = state.failures.places[hash] { state.failures.remove(place) }
      guard slot.byteCount <= maximumBytes / 8 else { return }
      if secret.value == nil {
        state.failures.insert(slot, within: maximumFailureBytes)
      } else {
        state.values.insert(slot, within: maximumBytes - maximumFailureBytes)
      }
    }
  }

  /// Lets the next one that reads the key claim its refresh.
  func endRefresh(_ store: UInt64, _ name: RawSpan, version: RawSpan) {
    let hash = Self.hash(store, name, version)
    state.withLock { state in
      guard let place = state.values.place(hash, store, name, version) else { return }
      state.values.slots[place]?.secret.isBeingRefreshed = false
    }
  }

  /// Drops all that `store` knows.
  func removeAll(_ store: UInt64) {
    state.withLock { state in
      state.values.removeAll(store)
      state.failures.removeAll(store)
    }
  }

  /// With the process's own seed: callers choose names.
  private static func hash(_ store: UInt64, _ name: RawSpan, _ version: RawSpan) -> Int {
    var hasher = Hasher()
    hasher.combine(store)
    hasher.combine(name.byteCount)
    name.withUnsafeBytes { hasher.combine(bytes: $0) }
    version.withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }
}

extension SecretCache.Entries {
  /// Where the key's entry is, nil when there is none.
  fileprivate func place(_ hash: Int, _ store: UInt64, _ name: RawSpan, _ version: RawSpan) -> Int? {
    guard let place = places[hash], let slot = slots[place], slot.store == store, name.isEqual(to: slot.name),
      version.isEqual(to: slot.version)
    else { return nil }
    return place
  }

  /// When the backend was asked for the key, nil when there is no entry.
  fileprivate func askedAt(_ hash: Int, _ store: UInt64, _ name: RawSpan, _ version: RawSpan) -> MonotonicTime? {
    place(hash, store, name, version).flatMap { slots[$0]?.secret.askedAt }
  }

  /// What `store` takes, nil when it has no entries.
  fileprivate func usage(of store: UInt64) -> SecretCache.Usage? { listOf[store].map { lists[$0].usage } }

  /// What is there, which becomes its store's last used entry.
  fileprivate mutating func use(_ place: Int) -> CachedSecret? {
    if let newer = slots[place]?.newer, newer >= 0 {
      unlink(place)
      link(place)
    }
    return slots[place]?.secret
  }

  /// Adds the entry, and makes room for it.
  fileprivate mutating func insert(_ slot: SecretCache.Slot, within maximumBytes: Int) {
    var slot = slot
    slot.list = list(of: slot.store)
    let place: Int
    if let free = free.popLast() {
      place = free
      slots[place] = slot
    } else {
      place = slots.count
      slots.append(slot)
    }
    places[slot.hash] = place
    byteCount += slot.byteCount
    lists[slot.list].usage.bytes += slot.byteCount
    lists[slot.list].usage.entries += 1
    link(place)
    while byteCount > maximumBytes, let largest = lists.max(by: { $0.usage.bytes < $1.usage.bytes }) {
      remove(largest.oldest)
    }
  }

  fileprivate mutating func removeAll(_ store: UInt64) {
    while let list = listOf[store] { remove(lists[list].oldest) }
  }

  private mutating func list(of store: UInt64) -> Int {
    if let list = listOf[store] { return list }
    let list: Int
    if let free = freeLists.popLast() {
      list = free
    } else {
      list = lists.count
      lists.append(SecretCache.List())
    }
    listOf[store] = list
    return list
  }

  fileprivate mutating func remove(_ place: Int) {
    guard let slot = slots[place] else { return }
    unlink(place)
    places[slot.hash] = nil
    byteCount -= slot.byteCount
    lists[slot.list].usage.bytes -= slot.byteCount
    lists[slot.list].usage.entries -= 1
    if lists[slot.list].usage.entries == 0 {
      listOf[slot.store] = nil
      freeLists.append(slot.list)
    }
    slots[place] = nil
    free.append(place)
  }

  private mutating func link(_ place: Int) {
    guard let list = slots[place]?.list else { return }
    let newest = lists[list].newest
    slots[place]?.older = newest
    slots[place]?.newer = -1
    if newest >= 0 { slots[newest]?.newer = place }
    lists[list].newest = place
    if lists[list].oldest < 0 { lists[list].oldest = place }
  }

  private mutating func unlink(_ place: Int) {
    guard let slot = slots[place] else { return }
    if slot.newer >= 0 { slots[slot.newer]?.older = slot.older } else { lists[slot.list].newest = slot.older }
    if slot.older >= 0 { slots[slot.older]?.newer = slot.newer } else { lists[slot.list].oldest = slot.newer }
  }
}
