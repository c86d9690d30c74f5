import FederationAPI
import HTTP1
import Synchronization
import Transport

/// An HTTP/2 client: any number of requests at once on one connection (RFC 9113).
///
/// A connection that was lost does not come back; a new client is made.
public final class HTTP2Client: Sendable {
  private let reference: ConnectionReference
  private let queue: ExchangeQueue

  private init(reference: ConnectionReference, queue: ExchangeQueue) {
    self.reference = reference
    self.queue = queue
  }

  deinit { close() }

  /// Connects to `target`, whose TLS should offer ``HTTP2ServerConnection/alpn``. Answers may have `answerBytes`.
  ///
  /// Throws UNAVAILABLE when the server cannot be reached or its certificate is not trusted, and UNIMPLEMENTED when TLS
  /// did not agree on HTTP/2; nothing has been sent in both cases.
  public static func connect(
    _ target: DialTarget, group: EventLoopGroup, answerBytes: Int
  ) async throws(RPCError) -> HTTP2Client {
    let queue = ExchangeQueue()
    let agreed = Mutex<String?>(nil)
    var limits = ListenerLimits()
    // Two sides that both stop reading would wait for each other.
    limits.readsOnlyWhileOutputHasRoom = false
    let reference = try await group.connect(target, limits: limits) { protocolName in
      agreed.withLock { $0 = protocolName }
      return HTTP2ClientConnection(queue: queue, answerBytes: answerBytes)
    }
    let client = HTTP2Client(reference: reference, queue: queue)
    let name = agreed.withLock { $0 }
    guard target.tls == nil || name == HTTP2ServerConnection.alpn else {
      throw RPCError(
        .unimplemented, "\(target.host):\(target.port) does not speak HTTP/2 (ALPN agreed on \(name ?? "nothing"))")
    }
    return client
  }

  /// Sends one request, `fields` with its pseudo-fields first, and waits for the whole answer. Cancelling the task resets
  /// the stream.
  public func send(
    _ fields: [HTTPFields.Field], body: [UInt8], deadline: MonotonicTime? = nil
  ) async -> Result<HTTP2Answer, HTTP2ClientFailure> {
    let exchange = ClientExchange(fields, body: body, deadline: deadline)
    return await withTaskCancellationHandler {
      queue.submit(exchange)
      onLoop { $0.takeQueue() }
      return await exchange.outcome()
    } onCancel: {
      exchange.finish(.failure(.cancelled))
      onLoop { $0.dropFinished() }
    }
  }

  /// Opens a request whose body goes on after `body`, and whose answer is given out as it comes: `received` gets each part
  /// and says how many bytes more the server may send for it, `ended` the answer without its body. Both are called on the
  /// connection's loop, once it has the request. With `isWhole` nothing follows `body`.
  public func open(
    _ fields: [HTTPFields.Field], body: [UInt8], isWhole: Bool = false, deadline: MonotonicTime? = nil,
    received: @escaping @Sendable (RawSpan) -> Int,
    ended: @escaping @Sendable (Result<HTTP2Answer, HTTP2ClientFailure>) -> Void
  ) -> HTTP2ClientStream {
    let sink = ClientExchange.StreamSink(received: received, ended: ended)
    let exchange = ClientExchange(fields, body: body, deadline: deadline, stream: sink, isWhole: isWhole)
    queue.submit(exchange)
    onLoop { $0.takeQueue() }
    return HTTP2ClientStream(exchange: exchange, reference: reference)
  }

  /// Closes the connection; requests that run fail.
  public func close() { onLoop { $0.close() } }

  private func onLoop(_ body: @escaping @Sendable (HTTP2ClientConnection) -> Void) {
    reference.run { connection in
      if let handler = connection.handler as? HTTP2ClientConnection { body(handler) }
    }
  }
}
