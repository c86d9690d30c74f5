import CLinux
import FederationAPI
import Logging

/// Makes the handler of an accepted connection, by what ALPN agreed on and whom the peer's certificates prove it to be:
/// nil where no certificates are asked for.
typealias ServerHandlerMaker = @Sendable (_ alpn: String?, _ identity: ConnectionIdentity?) -> any ConnectionHandler

/// One TCP connection, with or without TLS, confined to its event loop.
///
/// What is written is kept until the end of the loop's turn and then goes out in as few TLS records and
/// system calls as it fits in, so that replies to pipelined calls share one record.
public final class Connection {
  enum State {
    case connecting
    case handshaking
    case open
    /// Flushing what is left; nothing is read.
    case closing(CloseReason)
    /// Both sides' ends are under way; what still comes is dropped.
    case lingering(CloseReason)
    case closed
  }

  /// Timer tags of the transport itself; handlers' tags are below.
  enum TimerTag {
    static let handlerMaximum = UInt64.max >> 1
    static let handshake = UInt64.max - 1
    static let writeStall = UInt64.max - 2
    static let linger = UInt64.max - 3
  }

  /// The peer's numeric address and port, for example `127.0.0.1:4242`.
  public let peer: String
  /// The protocol that ALPN agreed on, nil for none and for plaintext.
  public internal(set) var alpn: String?
  /// What this connection's bytes go to; nil until the handshake is done.
  public internal(set) var handler: (any ConnectionHandler)?

  let slot: SlotID
  /// A cycle until ``destroy(_:)``, when the loop lets go of the connection.
  let loop: EventLoop
  let limits: ListenerLimits
  let socket: Socket
  var tls: TLSSession?
  var state: State
  var role: Role
  var input = ByteBuffer()
  var output = ByteBuffer()
  /// Whether what is written goes to the loop's output block, which this connection's turn has borrowed.
  var ownsOutputBlock = false
  /// Whether the peer has proved who it is: by its certificates, or by a call that was let in. Whom this side connects to
  /// needs no proof here. See ``notePeerProved()``.
  public internal(set) var isPeerProved: Bool
  /// When something was last heard of the peer.
  var heardAt: MonotonicTime
  /// What this connection has of its listener's ``StrangerRoom``.
  var strangerBytes = 0
  /// Those of ``strangerBytes`` that ``input`` holds.
  var strangerInput = 0
  var isInputPaused = false
  var isInputEnded = false
  var isInputEndReported = false
  var isReady = false
  /// Whether it waits for the loop to take a step of its handshake.
  var isHandshakeQueued = false
  var wasOutputFull = false
  var isDirty = false
  /// Whether it keeps its TLS record buffers; see ``WarmSessions``.
  var isWarm = false
  var wantsWritable = false
  var interest: UInt32 = 0
  var outputProgress: UInt64 = 0
  var isStallTimerSet = false
  var stallMark: UInt64 = 0

  /// Which side this is, with what that side needs until the connection is open.
  enum Role {
    case server(ConnectionPlace, makeHandler: ServerHandlerMaker)
    case client(
      makeHandler: @Sendable (String?) -> any ConnectionHandler,
      completion: @Sendable (Result<ConnectionReference, RPCError>) -> Void)
  }

  init(
    loop: EventLoop, slot: SlotID, socket: consuming Socket, tls: consuming TLSSession?, peer: String,
    limits: ListenerLimits, state: State, role: Role
  ) {
    self.loop = loop
    self.slot = slot
    self.socket = socket
    self.tls = tls
    self.peer = peer
    self.limits = limits
    self.state = state
    self.role = role
    isPeerProved = if case .client = role { true } else { false }
    heardAt = loop.now
  }

  /// Sendable; what tasks and other threads reach this connection by.
  public var reference: ConnectionReference { ConnectionReference(mailbox: loop.mailbox, slot: slot) }

  /// Whether ``close(_:)`` or ``abort(_:)`` was called.
  public var isClosing: Bool {
    switch state {
    case .closing, .lingering, .closed: true
    case .connecting, .handshaking, .open: false
    }
  }

  /// Whether the output is past its high-water mark; a handler stops producing until ``ConnectionHandler/outputDrained(on:)``.
  public var isOutputFull: Bool {
    let isFull = outputCount >= limits.outputHighWater
    if isFull { wasOutputFull = true }
    return isFull
  }

  /// Whether the output keeps this connection from reading.
  var isOutputBlockingInput: Bool { isOutputFull && limits.readsOnlyWhileOutputHasRoom }

  /// Bytes that wait to be sent.
  public var outputCount: Int { ownsOutputBlock ? loop.outputBlockCount : output.count }

  /// The time at which this turn of the loop began; cheaper than to ask the clock, and the same for a whole turn.
  public var now: MonotonicTime { loop.now }

  /// What `make` made when this loop was first asked with `owner`: for state that all connections of one loop share,
  /// and which needs no lock because only this loop's thread touches it.
  public func loopState(of owner: AnyObject, make: () -> AnyObject?) -> AnyObject? {
    loop.state(of: owner, make: make)
  }

  /// Appends to the output, which is sent at the end of the connection's turn. Ignored once closing.
  public func write(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { source in
      write(source.count) { $0.copyMemory(from: source) }
    }
  }

  /// Appends `count` bytes to the output, which `body` writes in place, all of them. Ignored once closing.
  public func write(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
    guard case .open = state, count > 0 else { return }
    if ownsOutputBlock {
      loop.writeOutputBlock(count, body)
    } else {
      body(UnsafeMutableRawBufferPointer(start: output.reserve(count), count: count))
      output.commit(count)
      loop.markDirty(self)
    }
    if outputCount > limits.outputMaximum { abort(.limit("output of \(limits.outputMaximum) bytes")) }
  }

  /// Appends to the output.
  public func write(_ bytes: [UInt8]) { write(bytes.span.bytes) }

  /// Stops reading until ``resumeInput()``; bytes already here are shown again then.
  public func pauseInput() {
    isInputPaused = true
    updateInterest()
  }

  /// Reads again. Waiting bytes are shown before this returns to the loop's next turn.
  public func resumeInput() {
    guard isInputPaused else { return }
    isInputPaused = false
    loop.markReady(self)
    updateInterest()
  }

  /// Calls ``ConnectionHandler/timerFired(_:on:)`` once, at or soon after `deadline`. `tag` is below 2^63.
  public func setTimer(_ tag: UInt64, at deadline: MonotonicTime) {
    loop.timers.insert(TimerQueue.Entry(at: deadline, slot: slot, tag: tag & TimerTag.handlerMaximum))
  }
}

/// Reaches a connection from any thread. Equal references mean the same connection.
public struct ConnectionReference: Sendable, Hashable {
  let mailbox: Mailbox
  let slot: SlotID

  /// Runs `body` on the connection's loop; it is dropped when the connection is gone by then.
  public func run(_ body: @escaping @Sendable (Connection) -> Void) {
    mailbox.post(.onConnection(slot, body))
  }

  /// Same loop and same slot.
  public static func == (left: ConnectionReference, right: ConnectionReference) -> Bool {
    left.mailbox === right.mailbox && left.slot == right.slot
  }

  /// Hashes what equality compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(mailbox))
    hasher.combine(slot)
  }
}
