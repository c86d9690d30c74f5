import Transport

/// A client's request that goes on while its answer comes. Functions may be called on any thread; after the exchange's end they
/// do nothing.
public struct HTTP2ClientStream: Sendable {
  let exchange: ClientExchange
  let reference: ConnectionReference

  /// Sends a further part of the body.
  public func send(_ bytes: [UInt8]) { onLoop { $0.send(bytes, on: $1) } }

  /// Lets the server send `count` bytes more.
  public func consume(_ count: Int) { if count > 0 { onLoop { $0.consume(count, on: $1) } } }

  /// Resets the stream.
  public func cancel() {
    exchange.finish(.failure(.cancelled))
    reference.run { connection in (connection.handler as? HTTP2ClientConnection)?.dropFinished() }
  }

  private func onLoop(_ body: @escaping @Sendable (HTTP2ClientConnection, ClientExchange) -> Void) {
    reference.run { [exchange] connection in
      if let handler = connection.handler as? HTTP2ClientConnection { body(handler, exchange) }
    }
  }
}
