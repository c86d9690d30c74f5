import Synchronization
import Testing

@testable import FederationClient

@Suite struct RefreshLoopTests {
  /// Which interval each pause belongs to: jitter is a tenth to either side.
  private func rounded(_ durations: [Duration]) -> [Int] { durations.map { Int(($0 / .seconds(1)).rounded()) } }

  @Test("pauses follow the schedule, and each failure is told once with the pause after it")
  func pauses() async {
    let clock = RecordedClock()
    let loop = RefreshLoop(RefreshSchedule(intervalSeconds: 4), bell: RefreshBell(), clock: clock)
    let outcomes: [String?] = ["a", "b", "c", nil, "d"]
    let told = Mutex<[(String, Duration)]>([])
    let next = Mutex(0)
    await Task {
      await loop.run {
        let index = next.withLock { index in
          defer { index += 1 }
          return index
        }
        if index == outcomes.count - 1 { withUnsafeCurrentTask { $0?.cancel() } }
        return outcomes[index]
      } failed: { message, pause in
        told.withLock { $0.append((message, pause)) }
      }
    }.value
    // The last pause ends with the task, before or after the clock heard of it.
    #expect(rounded(Array(clock.sleeps.prefix(5))) == [4, 1, 2, 4, 4])
    #expect(told.withLock { $0.map(\.0) } == ["a", "b", "c", "d"])
    #expect(rounded(told.withLock { $0.map(\.1) }) == [1, 2, 4, 1])
    #expect(told.withLock { $0.first?.1 } == clock.sleeps.dropFirst().first)
    #expect(next.withLock { $0 } == outcomes.count)
  }

  @Test(
    "the bell ends the pause that is under way, and one rung during a refresh ends the next", .timeLimit(.minutes(1)))
  func bell() async {
    let clock = RecordedClock(stands: true)
    let bell = RefreshBell()
    let loop = RefreshLoop(RefreshSchedule(intervalSeconds: 3_600), bell: bell, clock: clock)
    let (refreshes, refreshed) = AsyncStream<Int>.makeStream()
    let running = Task {
      let count = Mutex(0)
      await loop.run {
        let number = count.withLock { count in
          count += 1
          return count
        }
        if number == 1 { bell.ring() }
        refreshed.yield(number)
        return nil
      } failed: { _, _ in
      }
    }
    var pauses = clock.beginnings.makeAsyncIterator()
    _ = await pauses.next()
    bell.ring()
    // Without the ring inside the first refresh there would be no second one.
    var numbers = refreshes.makeAsyncIterator()
    #expect(await numbers.next() == 1)
    #expect(await numbers.next() == 2)
    running.cancel()
    await running.value
  }
}
