/// What a ttrpc connection allows.
public struct TTRPCLimits: Sendable {
  /// Data bytes of one frame, both ways. The protocol's own limit is 4 MiB.
  public var messageBytes = 4_194_304
  /// Calls of one connection that wait for something at the same time.
  public var concurrentCalls = 1_024
  /// Streaming calls of one connection at once.
  public var concurrentStreams = 1_024
  /// Unsent answers from which a further one is replaced by an error, because the peer does not read.
  public var unsentBytes = 8 * 1_048_576
  /// A connection without a call for this long is closed.
  public var idleSeconds = 300.0
  /// The same for a connection whose peer has not proved who it is, if that is less.
  public var strangerIdleSeconds = 30.0
  /// From a frame's first byte to its last. Large frames get a second more for each 64 KiB.
  public var frameSeconds = 30.0

  /// From the Request that opens a stream to its first message, where the Request has none.
  public var firstMessageSeconds = 30.0

  /// The defaults.
  public init() {}
}
