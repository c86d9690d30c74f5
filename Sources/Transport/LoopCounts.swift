/// What one event loop counts of the connections that others open to it. Its thread alone touches it.
public struct LoopCounts: Sendable, Equatable {
  /// Accepted and not gone, those in the middle of a handshake included.
  public internal(set) var open = 0
  /// TLS handshakes that came to their end.
  public internal(set) var handshakesCompleted: UInt64 = 0
  /// TLS handshakes that failed: by what either side said, or because a certificate was refused.
  public internal(set) var handshakesFailed: UInt64 = 0
  /// TLS handshakes that the peer left, or did not end in time, as who only looks whether the port is open.
  public internal(set) var handshakesAbandoned: UInt64 = 0
  /// Connections past ``ListenerLimits/maximumConnections``.
  public internal(set) var refusedByMaximum: UInt64 = 0
  /// Connections past ``ListenerLimits/connectionsPerAddress``.
  public internal(set) var refusedByAddress: UInt64 = 0
  /// Connections past ``ListenerLimits/openConnectionsPerAddress``.
  public internal(set) var refusedByOpenOfAddress: UInt64 = 0
  /// Connections of peers that had not proved who they are, closed because there was no room for others.
  public internal(set) var closedForRoom: UInt64 = 0
  /// Connections for which there was no file descriptor.
  public internal(set) var refusedByDescriptors: UInt64 = 0

  /// Nothing.
  public init() {}

  /// Adds what another loop has counted.
  public mutating func add(_ other: LoopCounts) {
    open += other.open
    handshakesCompleted &+= other.handshakesCompleted
    handshakesFailed &+= other.handshakesFailed
    handshakesAbandoned &+= other.handshakesAbandoned
    refusedByMaximum &+= other.refusedByMaximum
    refusedByAddress &+= other.refusedByAddress
    refusedByOpenOfAddress &+= other.refusedByOpenOfAddress
    closedForRoom &+= other.closedForRoom
    refusedByDescriptors &+= other.refusedByDescriptors
  }

  /// Takes the loop to have no connections.
  public mutating func forgetOpen() { open = 0 }

  /// Counts a handshake that ended for `reason` before the connection was open.
  mutating func handshakeEnded(_ reason: CloseReason) {
    switch reason {
    case .peerClosed, .timeout, .draining: handshakesAbandoned &+= 1
    case .finished, .protocolError, .transportError, .refused, .limit: handshakesFailed &+= 1
    }
  }
}
