/// A response whose body is read as it comes. Letting go of it closes the transfer, and so does cancelling the task
/// that reads.
///
/// The transfer is held back while some 256 KiB wait to be read. One task reads.
public final class HTTPResponseStream: Sendable {
  /// The status code, for example 200.
  public let status: Int
  /// Header fields in the order they came, names in lower case.
  public let headers: [(name: String, value: String)]
  private let transfer: StreamedTransfer

  init(head: HTTPResponse, transfer: StreamedTransfer) {
    status = head.status
    headers = head.headers
    self.transfer = transfer
  }

  /// The bytes that came since the last call, at least one; waits for them. Nil when the body is complete.
  ///
  /// Throws ``HTTPClientError``: ``HTTPClientError/Kind/timeout`` when nothing came for the request's time,
  /// ``HTTPClientError/Kind/unreachable`` when the connection broke off, ``HTTPClientError/Kind/cancelled`` when the
  /// task was cancelled, after which nothing more can be read.
  public func next() async throws(HTTPClientError) -> [UInt8]? { try await transfer.next() }

  /// What is left of the body, when it is short: a failure's explanation. Throws
  /// ``HTTPClientError/Kind/tooLarge`` past `maximumBytes`.
  public func rest(maximumBytes: Int) async throws(HTTPClientError) -> [UInt8] {
    var body: [UInt8] = []
    while let bytes = try await next() {
      guard bytes.count <= maximumBytes - body.count else {
        throw HTTPClientError(.tooLarge, "the response body is longer than \(maximumBytes) bytes")
      }
      body += bytes
    }
    return body
  }

  /// Closes the transfer; whoever reads gets ``HTTPClientError/Kind/cancelled``.
  public func close() { transfer.close() }
}

/// The reader's end of a transfer whose body is streamed.
final class StreamedTransfer: Sendable {
  private let channel: BodyChannel
  private let cancellation: Cancellation
  private let queue: TransferQueue
  // A client that is let go of ends its transfers.
  private let client: HTTPClient

  init(channel: BodyChannel, cancellation: Cancellation, queue: TransferQueue, client: HTTPClient) {
    self.channel = channel
    self.cancellation = cancellation
    self.queue = queue
    self.client = client
  }

  deinit { close() }

  func head() async throws(HTTPClientError) -> HTTPResponse {
    try await cancellable { await channel.head() }.get()
  }

  func next() async throws(HTTPClientError) -> [UInt8]? {
    try await cancellable { await channel.next { queue.resume(cancellation) } }.get()
  }

  func close() { queue.cancel(cancellation) }

  private func cancellable<Value: Sendable>(
    _ body: () async -> Result<Value, HTTPClientError>
  ) async -> Result<Value, HTTPClientError> {
    await withTaskCancellationHandler(operation: body) { queue.cancel(cancellation) }
  }
}
