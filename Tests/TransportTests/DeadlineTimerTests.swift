import FederationAPI
import Testing

@testable import Transport

@Suite struct DeadlineTimerTests {
  private func time(_ nanoseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }

  @Test("a deadline that is near gets a timer of its own, a far one an earlier look")
  func wakeUps() {
    var timer = DeadlineTimer()
    let hour: UInt64 = 3_600_000_000_000
    let first = timer.wakeUp(for: time(hour), now: time(0))
    #expect(first != nil)
    #expect(first! <= time(hour) && first! >= time(hour / 2))
    let near = [time(1_000), time(2_000)].map { timer.wakeUp(for: $0, now: time(0)) }
    #expect(near == [time(1_000), nil])
  }

  @Test("following the wake-ups reaches the deadline exactly, in few steps")
  func reachesTheDeadline() {
    var timer = DeadlineTimer()
    let deadline = time(3_600_000_000_123)
    var now = time(0)
    var steps = 0
    while now < deadline {
      guard let next = timer.wakeUp(for: deadline, now: now) else {
        Issue.record("no timer is set")
        return
      }
      #expect(next > now && next <= deadline)
      now = next
      timer.fired(now: now)
      steps += 1
    }
    #expect(now == deadline)
    #expect(steps < 50)
  }

  @Test("a hundred thousand calls with falling deadlines set few timers")
  func bounded() {
    var timer = DeadlineTimer()
    for step in 0..<100_000 as Range<UInt64> {
      _ = timer.wakeUp(for: time(3_600_000_000_000 - step * 1_000_000), now: time(step * 1_000))
    }
    #expect(timer.count < 64)
  }
}
