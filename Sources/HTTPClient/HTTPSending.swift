/// Sends HTTP requests: ``HTTPClient``, or a stand-in where the network is not the subject.
public protocol HTTPSending: Sendable {
  /// Sends `request` and waits for the complete response. Cancelling the task aborts the transfer.
  func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse
}
