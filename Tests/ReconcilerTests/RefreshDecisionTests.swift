import Testing

@testable import Reconciler

/// When values are fetched, by policy.
@Suite struct RefreshDecisionTests {
  private func decision(
    _ policy: RefreshDecision.Policy, interval: Double = 60, version: String = "1", refreshed: Int64? = 1_000,
    synced: String? = "1", failed: Bool = false, now: Int64 = 1_030
  ) -> RefreshDecision {
    var status = ExternalSecretStatus()
    status.refreshTime = refreshed
    status.syncedResourceVersion = synced
    status.ready = ReadyCondition(failed ? .failed : .synced, "", since: 0)
    return RefreshDecision(policy: policy, intervalSeconds: interval, version: version, status: status, now: now)
  }

  @Test("Periodic: after the interval, on a change, after a failure, when the clock was put back")
  func periodic() {
    #expect(!decision(.periodic).isDue)
    #expect(decision(.periodic, now: 1_060).isDue)
    #expect(decision(.periodic, version: "2").isDue)
    #expect(decision(.periodic, failed: true).isDue)
    #expect(decision(.periodic, now: 999).isDue)
    #expect(decision(.periodic, refreshed: nil, synced: nil).isDue)
  }

  @Test("Periodic with interval 0: once, whatever changes")
  func once() {
    #expect(decision(.periodic, interval: 0, refreshed: nil, synced: nil).isDue)
    #expect(!decision(.periodic, interval: 0, version: "2", now: 9_999_999).isDue)
    #expect(!decision(.periodic, interval: 0).isRepeated)
  }

  @Test("OnChange: on a change alone")
  func onChange() {
    #expect(!decision(.onChange, now: 9_999_999).isDue)
    #expect(decision(.onChange, version: "2").isDue)
    #expect(decision(.onChange, refreshed: nil, synced: nil).isDue)
  }

  @Test("CreatedOnce: once, and again as long as it failed")
  func createdOnce() {
    #expect(!decision(.createdOnce, version: "2", now: 9_999_999).isDue)
    #expect(decision(.createdOnce, refreshed: nil, synced: nil).isDue)
    #expect(decision(.createdOnce, failed: true).isDue)
  }

  @Test("the pause is what is left of the interval")
  func pause() {
    #expect(decision(.periodic).pauseSeconds == 30)
    #expect(decision(.periodic, now: 2_000).pauseSeconds == 0)
    #expect(decision(.onChange).pauseSeconds == nil)
    #expect(decision(.periodic, interval: 0).pauseSeconds == nil)
  }
}
