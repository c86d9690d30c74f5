import FederationAPI

/// What one HTTP/2 connection may cost: sizes in bytes, times in seconds.
public struct HTTP2Limits: Sendable {
  /// A frame's payload: SETTINGS_MAX_FRAME_SIZE, which stays what it is where nothing is said (RFC 9113 section 6.5.2).
  static let frameBytes = 16_384

  /// Streams that are open at once (SETTINGS_MAX_CONCURRENT_STREAMS); more are refused with REFUSED_STREAM.
  public var concurrentStreams = 128
  /// Streams after which the connection ends; nil for no such end.
  public var streamsPerConnection: Int?
  /// Tasks at once. One whose stream was reset counts until it has ended, so that resets cannot pile tasks up.
  public var concurrentTasks = 256
  /// A decoded header list, 32 bytes added for each field (RFC 9113 section 6.5.2); more is answered 431. As much as
  /// over HTTP/1, because a token alone may have 16 KiB.
  public var headerListBytes = 32_768
  /// A decoded header list from which the connection ends: no client that reads SETTINGS comes near it.
  public var headerBombBytes = 262_144
  /// CONTINUATION frames of one header block, of at most 16 KiB each.
  public var continuationFrames = 8
  /// What a stream's peer may send before it is read (RFC 9113 section 6.9.2).
  public var streamWindow = 65_535
  /// What all streams' peers together may send before it is read.
  public var connectionWindow = 1_048_576
  /// Unfinished request bodies that a connection's handlers keep.
  public var unfinishedBytes = 16 * 1_048_576
  /// Unfinished request bodies that the handlers of one event loop's connections keep.
  public var loopUnfinishedBytes = 256 * 1_048_576
  /// Unsent answers of one connection, because the peer gives no window.
  public var unsentBytes = 8 * 1_048_576
  /// Unsent bytes from which one stream counts as full.
  public var streamUnsentBytes = 65_536

  /// Acknowledgements that wait to be sent; a flood of SETTINGS or PING ends the connection.
  public var outboundAcknowledgements = 200
  /// Streams that a peer may reset, or have reset by breaking rules, at once, and again each second (CVE-2023-44487).
  public var resets = RateBudget.Allowance(burst: 400, perSecond: 50)
  /// SETTINGS frames at once, and again each second.
  public var settingsFrames = RateBudget.Allowance(burst: 50, perSecond: 1)
  /// DATA frames with no data that do not end a stream, at once, and again each second.
  public var emptyDataFrames = RateBudget.Allowance(burst: 100, perSecond: 10)
  /// The least time between two PINGs while no stream is open, and while one is.
  public var pingSeconds = (idle: 300.0, busy: 10.0)
  /// PINGs that may come too early before the connection ends with `too_many_pings`.
  public var pingStrikes = 2

  /// From the connection's start to the client's preface, and from a frame's first byte to its last, header blocks
  /// with their CONTINUATION frames.
  public var headerSeconds = 10.0
  /// From a request's header section to its end, unless its handler expects a stream; a second more for each 64 KiB.
  public var bodySeconds = 30.0
  /// How long a peer may take to give window for an answer; a second more for each 64 KiB.
  public var outputSeconds = 30.0
  /// A connection without a stream for this long is closed.
  public var idleSeconds = 300.0
  /// The same for a connection whose peer has not proved who it is, if that is less.
  public var strangerIdleSeconds = 30.0
  /// How long a draining server waits for the round trip after which it names its last stream.
  public var drainSeconds = 1.0

  /// The defaults.
  public init() {}
}
