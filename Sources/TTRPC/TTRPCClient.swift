import FederationAPI
import Synchronization
import Transport

/// A ttrpc client: any number of calls at once on one connection.
///
/// Calls of several tasks are multiplexed; those that are made at the same time leave in one write. A
/// connection that was lost does not come back: later calls fail with UNAVAILABLE, and a new client is made.
public final class TTRPCClient: RPCCalling, RPCStreaming {
  /// The protocol's name in ALPN.
  public static let alpn = "ttrpc"

  private let reference: ConnectionReference
  private let queue: ClientQueue
  private let limits: TTRPCLimits

  private init(reference: ConnectionReference, queue: ClientQueue, limits: TTRPCLimits) {
    self.reference = reference
    self.queue = queue
    self.limits = limits
  }

  deinit { close() }

  /// Connects to `target`, whose TLS should offer ``alpn``.
  ///
  /// Throws UNAVAILABLE when the server cannot be reached or its certificate is not trusted, and UNIMPLEMENTED
  /// when it is there but TLS did not agree on ttrpc; nothing has been sent in both cases.
  public static func connect(
    _ target: DialTarget, group: EventLoopGroup, limits: TTRPCLimits = .client
  ) async throws(RPCError) -> TTRPCClient {
    let queue = ClientQueue()
    let agreed = Mutex<String?>(nil)
    let reference = try await group.connect(target, limits: TTRPCClientConnection.transportLimits) { protocolName in
      agreed.withLock { $0 = protocolName }
      return TTRPCClientConnection(queue: queue, limits: limits)
    }
    let client = TTRPCClient(reference: reference, queue: queue, limits: limits)
    let name = agreed.withLock { $0 }
    guard target.tls == nil || name == alpn else {
      throw RPCError(
        .unimplemented, "\(target.host):\(target.port) does not speak ttrpc (ALPN agreed on \(name ?? "nothing"))")
    }
    return client
  }

  /// Makes one unary call and returns the encoded response message.
  ///
  /// `timeoutNanoseconds` is sent to the server and kept here as well: when it has passed, the call ends with
  /// DEADLINE_EXCEEDED whatever the server does. Cancelling the task ends the call with CANCELLED; the
  /// protocol has no way to tell the server. A lost connection is UNAVAILABLE, with a text that says whether
  /// the call may have been carried out. Metadata keys are lower-case.
  public func call(
    service: String, method: String, payload: [UInt8], metadata: [(key: String, value: String)] = [],
    timeoutNanoseconds: Int64? = nil
  ) async throws(RPCError) -> [UInt8] {
    let call = try makeCall(service, method, payload, metadata, timeoutNanoseconds)
    return try await outcome(of: call).get()
  }

  /// As ``call(service:method:payload:metadata:timeoutNanoseconds:)``, for what must not be carried out twice: the
  /// failure says how far the call came.
  public func attempt(
    service: String, method: String, payload: [UInt8], metadata: [(key: String, value: String)] = [],
    timeoutNanoseconds: Int64? = nil
  ) async throws(CallFailure) -> [UInt8] {
    let call: ClientCall
    do throws(RPCError) {
      call = try makeCall(service, method, payload, metadata, timeoutNanoseconds)
    } catch {
      throw CallFailure(error, .unsent)
    }
    switch await outcome(of: call) {
    case .success(let answer): return answer
    case .failure(let error): throw CallFailure(error, call.progress)
    }
  }

  /// Opens a call that carries messages both ways. The protocol has no flow control for it: messages are to be taken.
  public func openStream(
    service: String, method: String, first: [UInt8], metadata: [(key: String, value: String)] = [],
    timeoutNanoseconds: Int64? = nil
  ) throws(RPCError) -> any RPCClientStream {
    var frame = try makeFrame(service, method, first, metadata)
    if let timeoutNanoseconds, timeoutNanoseconds <= 0 { throw .deadlinePassed }
    frame.set(streamID: 0, timeoutNanoseconds: timeoutNanoseconds ?? 0, flags: FrameHeader.Flags.remoteOpen)
    let stream = ClientStream(
      ClientCall.Request(frame: frame, payload: first), reference: reference, limits: limits)
    queue.submit(stream)
    onLoop { $0.takeStreams($1) }
    return stream
  }

  private func makeFrame(
    _ service: String, _ method: String, _ payload: [UInt8], _ metadata: [(key: String, value: String)]
  ) throws(RPCError) -> RequestFrame {
    let frame = RequestFrame(service: service, method: method, payloadCount: payload.count, metadata: metadata)
    guard frame.length + RequestFrame.timeoutSize <= limits.messageBytes else {
      throw RPCError(
        .resourceExhausted, "request of \(frame.length) bytes is too large, at most \(limits.messageBytes)")
    }
    return frame
  }

  private func makeCall(
    _ service: String, _ method: String, _ payload: [UInt8], _ metadata: [(key: String, value: String)],
    _ timeoutNanoseconds: Int64?
  ) throws(RPCError) -> ClientCall {
    let frame = try makeFrame(service, method, payload, metadata)
    if let timeoutNanoseconds, timeoutNanoseconds <= 0 { throw .deadlinePassed }
    let deadline = timeoutNanoseconds.map { MonotonicTime.now.advanced(byNanoseconds: UInt64($0)) }
    return ClientCall(frame: frame, payload: payload, deadline: deadline)
  }

  private func outcome(of call: ClientCall) async -> ClientCall.Outcome {
    await withTaskCancellationHandler {
      if queue.submit(call) { onLoop { $0.takeQueue($1) } }
      return await call.outcome()
    } onCancel: {
      call.finish(.failure(RPCError(.cancelled, "the caller gave the call up")))
      onLoop { $0.dropFinished($1) }
    }
  }

  /// Closes the connection; calls that run fail with UNAVAILABLE.
  public func close() { onLoop { $0.close($1) } }

  private func onLoop(_ body: @escaping @Sendable (TTRPCClientConnection, Connection) -> Void) {
    reference.run { connection in
      if let handler = connection.handler as? TTRPCClientConnection { body(handler, connection) }
    }
  }
}

extension TTRPCLimits {
  /// A client's: it keeps a little below the number of calls that a server lets wait.
  public static var client: TTRPCLimits {
    var limits = TTRPCLimits()
    limits.concurrentCalls = 1_000
    return limits
  }
}
