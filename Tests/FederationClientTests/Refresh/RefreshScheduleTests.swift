import Testing

@testable import FederationClient

@Suite struct RefreshScheduleTests {
  private func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

  @Test("after a success comes the interval, a little off to either side")
  func interval() {
    var schedule = RefreshSchedule(intervalSeconds: 120)
    #expect(abs(seconds(schedule.pause(succeeded: true, position: 0)) - 108) < 0.001)
    #expect(abs(seconds(schedule.pause(succeeded: true, position: 1)) - 132) < 0.001)
    let pauses = Set((0..<50).map { _ in schedule.pause(succeeded: true) })
    #expect(pauses.count > 1)
    #expect(pauses.allSatisfy { (108...132).contains(seconds($0)) })
  }

  @Test("after failures the pause doubles from a second up to the interval, and a success begins anew")
  func backoff() {
    var schedule = RefreshSchedule(intervalSeconds: 10)
    let pauses = [false, false, false, false, false, false, true, false].map {
      seconds(schedule.pause(succeeded: $0, position: 0)) / RefreshSchedule.jitter.lowerBound
    }
    for (pause, expected) in zip(pauses, [1, 2, 4, 8, 10, 10, 10, 1] as [Double]) {
      #expect(abs(pause - expected) < 0.001)
    }
  }

  @Test("an interval of a second is also the longest pause")
  func shortest() {
    var schedule = RefreshSchedule(intervalSeconds: 1)
    for _ in 0..<10 { #expect(seconds(schedule.pause(succeeded: false)) <= 1.1) }
  }
}
