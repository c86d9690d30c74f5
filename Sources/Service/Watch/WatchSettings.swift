import FederationAPI

/// How watches are kept, in seconds, and what they may cost.
public struct WatchSettings: Sendable {
  /// How long a watch goes without a message before it gets a heartbeat.
  public var heartbeatSeconds = 30.0
  /// How often a value is read again whose store cannot tell that it has changed; a tenth more or less each time.
  public var pollSeconds = 60.0
  /// How often a value that cannot be read now is tried again.
  public var retrySeconds = 5.0
  /// How long a value may be unreadable before watchers that have its last good one are told.
  public var errorGraceSeconds = 30.0
  /// How often stores that can tell are asked whether anything has changed, and times are looked at.
  public var tickSeconds = 0.25
  /// How long a value that nobody watches any more is remembered, unread, so that a watcher who resumes soon is sent it only
  /// when it has changed.
  public var lingerSeconds = 60.0
  /// Watches at once.
  public var maximumWatches = 20_000
  /// Secrets of all watches together.
  public var maximumReferences = 1_000_000
  /// Bytes of the names, properties and versions of the secrets of all watches together.
  public var maximumReferenceBytes = 128 * 1_048_576
  /// Values that are remembered although nobody watches them.
  public var maximumLingering = 4_096
  /// Reads of stores at once.
  public var concurrentReads = 16
  /// For heartbeats and polls.
  public var monotonicClock: @Sendable () -> MonotonicTime = { .now }
  /// Microseconds since 1970, where revisions begin.
  public var microseconds: @Sendable () -> UInt64 = { WallClock.nowMicroseconds }

  /// The defaults of a server.
  public init() {}
}
