import FederationAPI
import Testing

@testable import FederationServer

@Suite struct LoopReportsTests {
  private func report(_ calls: Int, connections: Int) -> LoopReport {
    let counts = CallCounts()
    for _ in 0..<calls { counts.answered(.ttrpc, .getSecret, .ok) }
    for _ in 0..<connections { counts.opened(.ttrpc) }
    var report = LoopReport()
    report.calls = counts.totals
    report.memoryAnswers = ["s": UInt64(calls)]
    return report
  }

  @Test("loops add up, and of one that has ended or does not answer no count goes back")
  func sum() {
    let reports = LoopReports()
    let first = reports.sum([.given(report(2, connections: 1)), .given(report(3, connections: 1)), .ended])
    #expect(first.calls.answered(.ttrpc, .getSecret, .ok) == 5)
    #expect(first.memoryAnswers == ["s": 5])
    #expect(first.calls.connections(.ttrpc) == 2)
    let second = reports.sum([.late, .ended, .ended])
    #expect(second.calls.answered(.ttrpc, .getSecret, .ok) == 5)
    #expect(second.calls.connections(.ttrpc) == 1)
    let third = reports.sum([.given(report(4, connections: 0)), .ended, .ended])
    #expect(third.calls.answered(.ttrpc, .getSecret, .ok) == 7)
    #expect(third.memoryAnswers == ["s": 7])
  }
}
