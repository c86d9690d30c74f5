import FederationAPI
import HTTP1
import Transport

/// One request and its answer, confined to the connection's event loop (RFC 9113 section 5).
public final class HTTP2Stream {
  /// What ran out.
  public enum Expiry: Sendable {
    /// ``HTTP2Stream/deadline``.
    case deadline
    /// ``HTTP2Stream/inputDeadline``.
    case input
  }

  /// The stream's number, odd because clients open them.
  public let id: Int32
  /// Whether the peer still sends.
  public internal(set) var isInputOpen = true
  /// When the handler wants to be told that it is late, whatever its task does. Set by ``expire(at:)``, and to nil when
  /// it does not want to any more.
  public var deadline: MonotonicTime?
  /// When the request must be whole; nil for one that goes on as long as it likes.
  public var inputDeadline: MonotonicTime?
  /// How much of a request may still come and be dropped once it is answered; then the stream is reset. Clients of plain
  /// HTTP, curl among them, take a reset before they have sent everything for a failure.
  public var discardAllowance = 0
  /// Whether the answer's head was sent.
  public private(set) var hasResponded = false

  /// When the answer began to wait for a task; nil for one that never did.
  private var waitsSince: MonotonicTime?

  /// A cycle until the stream is closed, or the connection is.
  let owner: HTTP2ServerConnection
  /// What answers it; nil until the request's head is whole and after the stream's end.
  public internal(set) var handler: (any HTTP2StreamHandler)?
  var block = HeaderBlock()
  var output = StreamOutput()
  var outputDeadline: MonotonicTime?
  var task: Task<Void, Never>?
  var unconsumed = 0
  var wasFull = false
  var wasResetHere = false
  /// Whether the answer's end has left.
  var isAnswerSent = false
  private var kept = 0

  init(_ id: Int32, owner: HTTP2ServerConnection) {
    self.id = id
    self.owner = owner
  }

  /// The connection that the stream is on; nil once it is gone.
  public var connection: Connection? { owner.connection }

  /// Reaches the stream from any thread.
  public var reference: HTTP2StreamReference? {
    connection.map { HTTP2StreamReference(connection: $0.reference, id: id) }
  }

  /// Bytes of the answer that the peer has given no window for, or that the connection has had no room for.
  public var unsentCount: Int { output.count }

  /// Whether whoever produces the answer should wait for ``HTTP2StreamHandler/outputDrained(on:)``.
  public var isOutputFull: Bool {
    let isFull = output.count >= owner.limits.streamUnsentBytes
    if isFull { wasFull = true }
    return isFull
  }

  /// Whether `count` more bytes may wait on this connection.
  public func mayWrite(_ count: Int) -> Bool { owner.unsentBytes + count <= owner.limits.unsentBytes }

  /// Whether the answer is complete.
  public var isAnswered: Bool { output.isEnded }

  // MARK: The answer

  /// Sends the answer's head; `isLast` when there is no body.
  public func respond(status: Int, _ fields: [HTTPFields.Field], isLast: Bool = false) {
    guard !hasResponded else { return }
    hasResponded = true
    if isLast { output.end([]) }
    let fields = [HTTPFields.Field(name: ":status", value: String(status))] + fields
    owner.session?.submitResponse(id, fields, hasBody: !isLast)
  }

  /// Sends a head that is not the answer yet.
  public func respondInterim(status: Int) {
    guard !hasResponded else { return }
    owner.session?.submitInterim(id, [HTTPFields.Field(name: ":status", value: String(status))])
  }

  /// Sends part of the answer's body, which is wiped afterwards.
  public func write(_ bytes: consuming [UInt8]) {
    guard hasResponded, !output.isEnded, !bytes.isEmpty else { return }
    owner.unsentBytes += bytes.count
    // A second for each 64 KiB.
    let allowance = UInt64(bytes.count) * 1_000_000_000 >> 16
    let begun = outputDeadline ?? (connection?.now ?? .now).advanced(bySeconds: owner.limits.outputSeconds)
    outputDeadline = begun.advanced(byNanoseconds: allowance)
    output.append(bytes)
    owner.session?.resumeBody(id)
  }

  /// Ends the answer.
  public func end(trailers: [HTTPFields.Field] = []) {
    guard hasResponded, !output.isEnded else { return }
    output.end(trailers)
    // An end with nothing before it waits for no window, but trailers do for what is unsent.
    outputDeadline =
      outputDeadline ?? (connection?.now ?? .now).advanced(bySeconds: owner.limits.outputSeconds)
    owner.session?.resumeBody(id)
  }

  /// Gives the stream up.
  public func reset(_ code: HTTP2ErrorCode) {
    wasResetHere = true
    owner.session?.submitReset(id, code)
  }

  // MARK: The request

  /// Lets the peer send `count` bytes more.
  public func consume(_ count: Int) {
    let count = min(count, unconsumed)
    guard count > 0 else { return }
    unconsumed -= count
    owner.session?.consume(id, count)
  }

  /// Whether the handler may keep `count` more bytes of an unfinished request, on top of those it was let keep.
  public func keep(_ count: Int) -> Bool {
    guard owner.keep(count) else { return false }
    kept += count
    return true
  }

  /// Nothing is kept any more.
  public func releaseKept() {
    owner.release(kept)
    kept = 0
  }

  // MARK: Time and tasks

  /// Has the handler told at `deadline`.
  public func expire(at deadline: MonotonicTime) {
    self.deadline = deadline
    owner.wake(for: deadline)
  }

  /// Runs `work` off the loop and then `finish` on it, unless the stream is gone by then, which cancels the task. False
  /// when too many tasks run for this connection.
  public func perform<Value: Sendable>(
    _ work: @escaping @Sendable () async -> Value,
    then finish: @escaping @Sendable (consuming Value, HTTP2Stream) -> Void
  ) -> Bool {
    guard let reference, owner.taskCount < owner.limits.concurrentTasks else { return false }
    owner.taskCount += 1
    waitsSince = connection?.now
    task = Task {
      let value = await work()
      reference.taskEnded { finish(value, $0) }
    }
    return true
  }

  /// Counts how the request ended; by whoever answers it, once.
  public func count(_ wire: CallWire, _ outcome: CallOutcome) {
    owner.counts?.answered(wire, outcome.method, outcome.code)
    if outcome.provesCaller { connection?.notePeerProved() }
    guard let waitsSince, outcome.code != .cancelled else { return }
    owner.counts?.waited(wire, outcome.method, nanoseconds: waitsSince.nanoseconds(until: .now))
  }

  /// Gives the running task up; its answer will find nobody.
  public func cancelTask() {
    task?.cancel()
    task = nil
  }
}

/// Reaches a stream from any thread.
public struct HTTP2StreamReference: Sendable {
  let connection: ConnectionReference
  let id: Int32

  /// Runs `body` on the stream's loop, and sends what it wrote; it is dropped when the stream is gone by then.
  public func run(_ body: @escaping @Sendable (HTTP2Stream) -> Void) {
    connection.run { [id] in ($0.handler as? HTTP2ServerConnection)?.run(id, body) }
  }

  func taskEnded(_ finish: @escaping @Sendable (HTTP2Stream) -> Void) {
    connection.run { [id] in ($0.handler as? HTTP2ServerConnection)?.taskEnded(id, finish) }
  }
}
