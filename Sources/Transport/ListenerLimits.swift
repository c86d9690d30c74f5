import FederationAPI

/// What a listener allows its connections.
public struct ListenerLimits: Sendable {
  /// Connections at once, over all loops. More are refused in the words of their wire.
  public var maximumConnections = 20_000
  /// How many connections past the limit are still given a handshake, so that they can be told why.
  public var refusalReserve = 64
  /// New connections from one address (of IPv6, one /64), over all loops. More are closed at once, before a handshake.
  /// Nil for no limit.
  public var connectionsPerAddress: RateBudget.Allowance? = .init(burst: 4_000, perSecond: 200)
  /// Connections at once from one address (of IPv6, one /64), over all loops. More are closed at once, before a handshake.
  /// Nil for no limit.
  public var openConnectionsPerAddress: Int? = 4_096
  /// How long nothing must have been heard of a connection whose peer has not proved who it is, before it makes room for
  /// another one past ``maximumConnections``.
  public var strangerSilenceSeconds = 1.0
  /// Bytes of requests that are not whole yet, of all peers together that have not proved who they are.
  public var strangerBytes = 64 * 1024 * 1024
  /// The same of those from one address (of IPv6, one /64).
  public var strangerBytesPerAddress = 8 * 1024 * 1024
  /// From accept to the end of the TLS handshake.
  public var handshakeSeconds = 10.0
  /// How long a peer may leave our output unread before it is cut off.
  public var writeStallSeconds = 30.0
  /// Output bytes from which a connection is no longer read.
  public var outputHighWater = 256 * 1024
  /// Whether a full output stops reading. A server's does, so that a peer that does not read is not served further; a
  /// client's does not, because two sides that both stop would wait for each other.
  public var readsOnlyWhileOutputHasRoom = true
  /// Output bytes at which reading goes on.
  public var outputLowWater = 64 * 1024
  /// Output bytes at which a connection is cut off, whatever its wire does.
  public var outputMaximum = 16 * 1024 * 1024
  /// Bytes of unfinished input over all connections of one loop.
  public var loopInputBudget = 256 * 1024 * 1024
  /// How long a closed connection waits for the peer's end, so that the last answer is not lost to a reset.
  public var lingerSeconds = 2.0

  /// The defaults.
  public init() {}
}
