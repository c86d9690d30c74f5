import FederationAPI

/// What changes under the hub's lock.
extension WatchHub.State {
  mutating func subscribe(_ watch: UInt64, _ index: UInt32, _ reference: SecretReference) {
    guard let after = members[watch]?.after else { return }
    let slot = slot(of: reference)
    members[watch]?.slots[Int(index)] = slot
    idle.remove(slot)
    slots[Int(slot)]?.wake()
    slots[Int(slot)]?.subscribers.insert(WatchedValue.Subscriber(watch: watch, index: index))
    guard let value = slots[Int(slot)], value.isCurrent else { return queueReads([slot]) }
    if value.revision > after { members[watch]?.mark(index) }
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
    let index = members.values[place].next { slots[Int($0)]?.revision ?? 0 }
    guard let index else {
      guard members.values[place].isHeartbeatDue else {
        members.values[place].isWoken = false
        return nil
      }
      members.values[place].isHeartbeatDue = false
      members.values[place].heartbeatAt = heartbeatAt
      return .heartbeat(revisions.last)
    }
    members.values[place].isHeartbeatDue = false
    members.values[place].heartbeatAt = heartbeatAt
    let slot = members.values[place].slots[Int(index)]
    guard slot >= 0, let value = slots[Int(slot)], let outcome = value.outcome else { return nil }
    return .outcome(index, value.revision, outcome)
  }

  mutating func leave(_ watch: UInt64, at now: MonotonicTime, maximumLingering: Int) {
    guard let member = members.removeValue(forKey: watch) else { return }
    references -= member.slots.count
    for (index, slot) in member.slots.enumerated() where slot >= 0 {
      slots[Int(slot)]?.subscribers.remove(WatchedValue.Subscriber(watch: watch, index: UInt32(index)))
      guard let value = slots[Int(slot)], value.subscribers.isEmpty else { continue }
      slots[Int(slot)]?.rest(at: now)
      timed.remove(slot)
      if value.outcome == nil || idle.count >= maximumLingering { forget(slot) } else { idle.insert(slot) }
    }
  }

  /// Lets go of a value that nobody watches.
  mutating func forget(_ slot: Int32) {
    guard let value = slots[Int(slot)] else { return }
    idle.remove(slot)
    timed.remove(slot)
    slots[Int(slot)] = nil
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
