import FederationAPI

/// What one caller, an identity or an address, may still ask.
final class CallerBudget: Sendable {
  /// Nil for no limit.
  let requests: SharedBudget?
  /// Nil for no limit.
  let failures: SharedBudget?
  private let waiting: PendingCallLimit?
  private let isSpent: String

  /// A budget of `requests` calls a second, two seconds' worth of them at once, of `failures` a minute, all of them at
  /// once, and of `waiting` calls that wait at once. `caller` ends the sentences that refuse.
  init(requests: Int, failures: Int, waiting: Int, caller: String) {
    self.requests = requests == 0 ? nil : SharedBudget(.init(burst: 2 * Double(requests), perSecond: Double(requests)))
    self.failures =
      failures == 0 ? nil : SharedBudget(.init(burst: Double(failures), perSecond: Double(failures) / 60))
    isSpent = "too many calls \(caller); wait, and fetch several secrets in one call"
    let refusal = RPCError(
      .resourceExhausted, "too many calls \(caller) wait for a backend; wait for their answers first",
      retryAfterSeconds: 1)
    self.waiting = waiting == 0 ? nil : PendingCallLimit(waiting, refusal: refusal)
  }

  /// Takes one call; gives what it is answered when there is none left.
  func refusal(at now: MonotonicTime) -> RPCError? {
    guard let requests, requests.take(at: now) == 0 else { return nil }
    return RPCError(.resourceExhausted, isSpent, retryAfterSeconds: requests.secondsUntilNext(at: now))
  }

  /// Counts `reply` while it waits.
  func bound<Value>(_ reply: Reply<Value>) -> Reply<Value> { waiting?.bound(reply) ?? reply }
}
