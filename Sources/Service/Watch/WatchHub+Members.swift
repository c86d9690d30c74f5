import FederationAPI

/// What changes under the hub's lock.
extension WatchHub.State {
  /// Gives the wake-ups that are needed for it.
  mutating func subscribe(
    _ watch: UInt64, _ index: UInt32, _ reference: SecretReference, isLate: Bool, microseconds: UInt64
  ) -> [@Sendable () -> Void] {
    guard let place = members.index(forKey: watch) else { return [] }
    let slot = slot(of: reference)
    members.values[place].slots[Int(index)] = slot
    if isLate { members.values[place].owe(index) }
    idle.remove(slot)
    slots[Int(slot)]?.wake()
    slots[Int(slot)]?.subscribers.insert(WatchedValue.Subscriber(watch: watch, index: index))
    guard let value = slots[Int(slot)], value.isCurrent else {
      queueReads([slot])
      return []
    }
    if value.revision > (isLate ? members.values[place].sentUpTo : members.values[place].after) {
      members.values[place].mark(index)
    } else if isLate {
      // Sent under its old revision it would be lost to a caller who resumes after a later one that it has seen before it.
      slots[Int(slot)]?.renew(revisions.next(microseconds: microseconds))
      return publish(slot)
    }
    return []
  }

  mutating func unsubscribe(_ watch: UInt64, _ index: UInt32, at now: MonotonicTime, maximumLingering: Int) {
    guard let place = members.index(forKey: watch) else { return }
    let slot = members.values[place].drop(index)
    guard slot >= 0 else { return }
    release(slot, WatchedValue.Subscriber(watch: watch, index: index), at: now, maximumLingering: maximumLingering)
  }

  private mutating func slot(of reference: SecretReference) -> Int32 {
    if let known = places[reference] { return known }
    valueCount += 1
    let value = WatchedValue(reference, serial: valueCount)
    let slot: Int32
    if let free = freeSlots.popLast() {
      slot = free
      slots[Int(slot)] = value
    } else {
      slot = Int32(slots.count)
      slots.append(value)
    }
    places[reference] = slot
    stores[StoreName(reference.store), default: WatchedStore(name: reference.store)].slots.insert(slot)
    return slot
  }

  mutating func next(_ watch: UInt64, heartbeatAt: MonotonicTime) -> WatchHub.Event? {
    guard let place = members.index(forKey: watch) else { return nil }
    // In place: a member that was taken out would be copied with what it holds.
    while let index = members.values[place].next(revision: { slots[Int($0)]?.revision ?? 0 }) {
      let slot = members.values[place].slots[Int(index)]
      guard slot >= 0, let value = slots[Int(slot)], let outcome = value.outcome else { continue }
      members.values[place].isHeartbeatDue = false
      members.values[place].heartbeatAt = heartbeatAt
      return .outcome(index, value.revision, outcome, staleSeconds: value.staleSeconds)
    }
    guard members.values[place].isHeartbeatDue else {
      members.values[place].isWoken = false
      return nil
    }
    members.values[place].isHeartbeatDue = false
    members.values[place].heartbeatAt = heartbeatAt
    members.values[place].sentUpTo = revisions.last
    return .heartbeat(revisions.last)
  }

  mutating func leave(_ watch: UInt64, at now: MonotonicTime, maximumLingering: Int) {
    guard let member = members.removeValue(forKey: watch) else { return }
    room.giveBack(member.usage, by: member.owner)
    for (index, slot) in member.slots.enumerated() where slot >= 0 {
      release(
        slot, WatchedValue.Subscriber(watch: watch, index: UInt32(index)), at: now, maximumLingering: maximumLingering)
    }
  }

  private mutating func release(
    _ slot: Int32, _ subscriber: WatchedValue.Subscriber, at now: MonotonicTime, maximumLingering: Int
  ) {
    slots[Int(slot)]?.subscribers.remove(subscriber)
    guard let value = slots[Int(slot)], value.subscribers.isEmpty else { return }
    slots[Int(slot)]?.rest(at: now)
    timed.remove(slot)
    if value.outcome == nil || idle.count >= maximumLingering { forget(slot) } else { idle.insert(slot) }
  }

  /// Lets go of a value that nobody watches.
  mutating func forget(_ slot: Int32) {
    guard let value = slots[Int(slot)] else { return }
    idle.remove(slot)
    timed.remove(slot)
    slots[Int(slot)] = nil
    values.release(value.outcome)
    freeSlots.append(slot)
    places[value.reference] = nil
    let name = StoreName(value.reference.store)
    stores[name]?.slots.remove(slot)
    if stores[name]?.slots.isEmpty ?? false { stores[name] = nil }
  }

  /// Tells all who watch the value in `slot`; gives the wake-ups that are needed for it.
  mutating func publish(_ slot: Int32) -> [@Sendable () -> Void] {
    guard let value = slots[Int(slot)] else { return [] }
    var wakes: [@Sendable () -> Void] = []
    for subscriber in value.subscribers {
      members[subscriber.watch]?.mark(subscriber.index)
      if let wake = wake(subscriber.watch) { wakes.append(wake) }
    }
    return wakes
  }

  /// What wakes a watch, nil when it is woken already.
  mutating func wake(_ watch: UInt64) -> (@Sendable () -> Void)? {
    guard let place = members.index(forKey: watch), !members.values[place].isWoken else { return nil }
    members.values[place].isWoken = true
    return members.values[place].wake
  }
}
