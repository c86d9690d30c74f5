import FederationAPI
import Testing

@testable import FederationClient

@Suite struct RetryScheduleTests {
  @Test("there are as many attempts as were given, the first included")
  func attempts() async {
    var schedule = RetrySchedule(attempts: 3, timeoutSeconds: 30)
    #expect(await schedule.wait())
    #expect(await schedule.wait())
    #expect(await schedule.wait() == false)
  }

  @Test("no attempt starts that would begin after the deadline")
  func deadline() async {
    var schedule = RetrySchedule(attempts: 10, timeoutSeconds: 0.01)
    #expect(await schedule.wait() == false)
  }

  @Test("what the server asked for later is no attempt, and does not begin before that")
  func advice() async {
    var schedule = RetrySchedule(attempts: 1, timeoutSeconds: 30)
    let start = MonotonicTime.now
    #expect(await schedule.wait(advice: 0.15))
    #expect(start.nanoseconds(until: .now) >= 150_000_000)
    #expect(await schedule.wait(advice: 60) == false)
    #expect(await schedule.wait() == false)
  }

  @Test("a cancelled task does not try again")
  func cancellation() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      var schedule = RetrySchedule(attempts: 10, timeoutSeconds: 30)
      return await schedule.wait()
    }
    #expect(await task.value == false)
  }
}
