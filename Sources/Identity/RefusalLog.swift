import FederationAPI
import Logging
import Synchronization

/// Says in the log why tokens were refused, at most so many lines a second.
final class RefusalLog: Sendable {
  private let limit = LogLimit(linesPerSecond: 20)
  private let unheardLimit = LogLimit(linesPerSecond: 10)
  private let log: Log
  private let clock: @Sendable () -> MonotonicTime
  private let refusals = Atomic<UInt64>(0)

  /// How many tokens were refused, in the log or not.
  var count: UInt64 { refusals.load(ordering: .relaxed) }

  init(log: Log, clock: @escaping @Sendable () -> MonotonicTime) {
    self.log = log
    self.clock = clock
  }

  func refused(_ reason: String, peer: String) {
    refusals.add(1, ordering: .relaxed)
    log.write(
      .info, "authentication_refused", within: limit, at: clock().nanoseconds, ["peer": peer, "reason": reason])
  }

  /// A token was not looked at, for `refusal`.
  func unheard(_ refusal: RPCError, peer: String) {
    log.write(
      .warning, "call_limited", within: unheardLimit, at: clock().nanoseconds,
      ["limit": "failures-per-address", "reason": refusal.message, "peer": peer])
  }
}
