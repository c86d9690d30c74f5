import FederationAPI
import Testing

@testable import Transport

@Suite struct TimerQueueTests {
  @Test("entries come out in order of time, whatever order they went in")
  func order() {
    var queue = TimerQueue()
    var generator = SystemRandomNumberGenerator()
    let times = (0..<1_000).map { _ in UInt64.random(in: 0..<500, using: &generator) }
    for (index, time) in times.enumerated() {
      queue.insert(
        .init(at: MonotonicTime(nanoseconds: time), slot: SlotID(index: 0, generation: 0), tag: UInt64(index)))
    }
    var out: [UInt64] = []
    while let entry = queue.removeDue(MonotonicTime(nanoseconds: 1_000)) { out.append(entry.at.nanoseconds) }
    #expect(out == times.sorted())
  }

  @Test("an entry does not come out before its time")
  func notEarly() {
    var queue = TimerQueue()
    queue.insert(.init(at: MonotonicTime(nanoseconds: 10), slot: SlotID(index: 0, generation: 0), tag: 7))
    #expect(queue.removeDue(MonotonicTime(nanoseconds: 9))?.tag == nil)
    #expect(queue.removeDue(MonotonicTime(nanoseconds: 10))?.tag == 7)
    #expect(queue.earliest == nil)
  }
}
