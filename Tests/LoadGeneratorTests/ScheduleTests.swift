import Testing

@testable import LoadGenerator

@Suite struct ScheduleTests {
  @Test("calls are due at the rate, in turn over the connections, and are taken once")
  func turns() {
    var schedule = Schedule(start: 1_000, rate: 1e6, connections: 3)
    #expect(schedule.nextDue == 1_000)
    #expect(schedule.announce(now: 999) == nil)
    #expect((0..<4).map { _ in schedule.announce(now: 4_500) } == [0, 1, 2, 0])
    #expect(schedule.announce(now: 4_500) == nil)
    #expect(schedule.nextDue == 5_000)
    #expect(schedule.take(1, now: 1_999, before: .max) == nil)
    #expect(schedule.take(1, now: 2_000, before: .max) == 2_000)
    #expect(schedule.take(1, now: 4_999, before: .max) == nil)
    #expect(schedule.take(1, now: 9_000, before: 5_000) == nil)
    #expect(schedule.take(1, now: 9_000, before: 5_001) == 5_000)
  }

  @Test("what is due before the end is known, on whichever connection it is")
  func moreDue() {
    var schedule = Schedule(start: 1_000, rate: 1e6, connections: 3)
    #expect(!schedule.isMoreDue(before: 1_000) && schedule.isMoreDue(before: 1_001))
    for connection in 0..<2 { _ = schedule.take(connection, now: 9_000, before: 9_000) }
    #expect(!schedule.isMoreDue(before: 3_000) && schedule.isMoreDue(before: 3_001))
    _ = schedule.take(2, now: 9_000, before: 9_000)
    #expect(!schedule.isMoreDue(before: 4_000) && schedule.isMoreDue(before: 4_001))
  }
}
