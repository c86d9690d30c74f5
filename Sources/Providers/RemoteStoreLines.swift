import FederationAPI
import Logging

/// Lines of the log about what one backend did not answer. Whoever calls can cause them: so many a second of each kind.
final class RemoteStoreLines: Sendable {
  private static let linesPerSecond = 10
  private let store: String
  private let log: Log
  private let clock: @Sendable () -> MonotonicTime
  private let unread = LogLimit(linesPerSecond: linesPerSecond)
  private let refusals = LogLimit(linesPerSecond: linesPerSecond)
  private let unlisted = LogLimit(linesPerSecond: linesPerSecond)

  /// Writes to `log` about the store of that name, by the seconds of `clock`.
  init(store: String, log: Log, clock: @escaping @Sendable () -> MonotonicTime) {
    self.store = store
    self.log = log
    self.clock = clock
  }

  /// A value could not be read now.
  func unreadable(_ error: BackendError) {
    log.write(
      .info, "store_unreadable", within: unread, at: clock().nanoseconds, ["store": store, "reason": error.reason])
  }

  /// The value of `key` is refused.
  func refused(_ key: ProviderKey, _ error: BackendError) {
    log.write(
      .warning, "store_refused", within: refusals, at: clock().nanoseconds,
      ["store": store, "name": key.name, "reason": error.reason])
  }

  /// There are no keys for a find.
  func notListed(_ error: BackendError) {
    log.write(
      error.isOutage ? .info : .warning, "store_not_listed", within: unlisted, at: clock().nanoseconds,
      ["store": store, "reason": error.reason])
  }
}
