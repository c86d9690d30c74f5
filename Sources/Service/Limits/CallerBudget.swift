import FederationAPI

/// What one caller, an identity or an address, may still ask.
final class CallerBudget: Sendable {
  /// Nil for no limit.
  let requests: SharedBudget?
  /// Nil for no limit.
  let failures: SharedBudget?
  private let waiting: PendingCallLimit?
  private let refusals: Refusals

  /// What those are told who have asked too much. Made once for all budgets of a kind: new identities come by the
  /// thousand.
  struct Refusals: Sendable {
    static let ofIdentity = Refusals("of this identity")
    static let ofAddress = Refusals("from this address")

    fileprivate let calls: String
    fileprivate let waiting: RPCError

    private init(_ caller: String) {
      calls = "too many calls \(caller); wait, and fetch several secrets in one call"
      waiting = RPCError(
        .resourceExhausted, "too many calls \(caller) wait for a backend; wait for their answers first",
        retryAfterSeconds: 1)
    }
  }

  /// A budget of `requests` calls a second, two seconds' worth of them at once, of `failures` a minute, all of them at
  /// once, and of `waiting` calls that wait at once; `refused` counts those past it.
  init(requests: Int, failures: Int, waiting: Int, refusals: Refusals, refused: RefusedCalls.Counter) {
    self.requests = requests == 0 ? nil : SharedBudget(.init(burst: 2 * Double(requests), perSecond: Double(requests)))
    self.failures =
      failures == 0 ? nil : SharedBudget(.init(burst: Double(failures), perSecond: Double(failures) / 60))
    self.waiting = waiting == 0 ? nil : PendingCallLimit(waiting, refusal: refusals.waiting, refused: refused)
    self.refusals = refusals
  }

  /// Takes one call; gives what it is answered when there is none left.
  func refusal(at now: MonotonicTime) -> RPCError? {
    guard let requests, requests.take(at: now) == 0 else { return nil }
    return RPCError(.resourceExhausted, refusals.calls, retryAfterSeconds: requests.secondsUntilNext(at: now))
  }

  /// Counts `reply` while it waits; `whenRefused` hears of it when it may not.
  func bound<Value>(
    _ reply: Reply<Value>, whenRefused: @escaping @Sendable (RPCError) -> Void
  ) -> Reply<Value> { waiting?.bound(reply, whenRefused: whenRefused) ?? reply }
}
