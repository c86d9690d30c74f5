import FederationAPI

/// What a wire does with one connection's bytes.
///
/// Every function is called on the connection's own event loop, so a handler needs no lock.
/// It must not block; work that waits goes to a task, whose result comes back through
/// ``ConnectionReference/run(_:)``.
public protocol ConnectionHandler: AnyObject {
  /// The connection is ready: on TLS the handshake is done and ``Connection/alpn`` is known.
  func opened(_ connection: Connection)

  /// Bytes arrived. `bytes` is all that is not yet consumed, oldest first.
  ///
  /// Returns how many bytes from the front were consumed. The rest is kept and shown again together with
  /// what follows. A handler that finds ``Connection/isOutputFull`` or has called
  /// ``Connection/pauseInput()`` stops early and is called again later.
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int

  /// The peer sent close_notify, half-closed the socket or reset it; no more bytes will come.
  /// A handler without unfinished work calls ``Connection/close(_:)``.
  func inputEnded(on connection: Connection)

  /// The output was full and has room again. ``receive(_:on:)`` is called next if bytes are waiting.
  func outputDrained(on connection: Connection)

  /// A timer set by ``Connection/setTimer(_:at:)`` came due. Timers cannot be cancelled: a handler checks
  /// whether the tag still means something.
  func timerFired(_ tag: UInt64, on connection: Connection)

  /// Whether nothing is done for the peer now, so that who has not proved who it is may be cut off for others.
  var isIdle: Bool { get }

  /// The server is stopping: finish what runs, refuse what is new, then ``Connection/close(_:)``.
  func drain(on connection: Connection)

  /// The connection is gone; the last call that a handler gets.
  func closed(_ connection: Connection, reason: CloseReason)
}

extension ConnectionHandler {
  /// Of a handler that answers at once.
  public var isIdle: Bool { true }
}

/// Why a connection ended, for the log.
public enum CloseReason: Sendable, Equatable, CustomStringConvertible {
  /// The peer ended it.
  case peerClosed
  /// This side had nothing more to do.
  case finished
  /// The server is stopping.
  case draining
  /// A timer ran out: `handshake`, `idle`, `request` …
  case timeout(String)
  /// The peer broke the protocol; the text says how.
  case protocolError(String)
  /// The socket or TLS failed; the text is OpenSSL's or the system's.
  case transportError(String)
  /// The server refused this client's certificate in the handshake, so that it read nothing; the text is what it said.
  case refused(String)
  /// A limit of this server was reached; the text names it.
  case limit(String)

  /// One short phrase.
  public var description: String {
    switch self {
    case .peerClosed: "peer closed"
    case .finished: "finished"
    case .draining: "draining"
    case .timeout(let which): "\(which) timeout"
    case .protocolError(let text): "protocol error: \(text)"
    case .transportError(let text): "transport error: \(text)"
    case .refused(let text): "the server refused this client's certificate in the TLS handshake (\(text))"
    case .limit(let text): "limit reached: \(text)"
    }
  }
}
