import FederationAPI

/// Wakes for the earliest of many deadlines with few timers.
///
/// The transport's timers cannot be cancelled, so a timer for each call would leave a peer free to fill the
/// loop's memory with long timeouts of calls that were answered at once. Here a wake-up comes after a power
/// of two of the time that is left, and is set only when it is earlier than all that are under way: past the
/// last two milliseconds, those are never more than one for each power of two.
package struct DeadlineTimer {
  /// Latest first.
  private var underWay: [MonotonicTime] = []

  /// Starts with none.
  package init() {}

  /// Below this the wake-up is set for the deadline itself.
  private static let exactBelow: UInt64 = 1 << 21

  /// When to set a timer so that `deadline` is not missed, or nil when one that is under way will do.
  package mutating func wakeUp(for deadline: MonotonicTime, now: MonotonicTime) -> MonotonicTime? {
    let left = now.nanoseconds(until: deadline)
    let wait = left < DeadlineTimer.exactBelow ? left : 1 << (63 - UInt64(left.leadingZeroBitCount))
    let time = now.advanced(byNanoseconds: wait)
    if let earliest = underWay.last, earliest <= time { return nil }
    underWay.append(time)
    return time
  }

  /// A timer fired: forgets those that were due.
  package mutating func fired(now: MonotonicTime) {
    while let earliest = underWay.last, earliest <= now { underWay.removeLast() }
  }

  /// Timers that are set.
  package var count: Int { underWay.count }
}
