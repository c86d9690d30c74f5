/// Sends HTTP requests: ``HTTPClient``, or a stand-in where the network is not the subject.
public protocol HTTPSending: Sendable {
  /// Sends `request` and waits for the complete response. Cancelling the task aborts the transfer.
  func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse

  /// Sends `request` and waits for the head of the response, whose body then comes in pieces.
  func stream(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponseStream
}

extension HTTPSending {
  /// Refuses: what stands in for a client mostly has no stream.
  public func stream(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponseStream {
    throw HTTPClientError(.invalidRequest, "this client has no streams")
  }
}
