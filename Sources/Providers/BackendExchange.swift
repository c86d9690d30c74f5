import FederationAPI
import HTTPClient

/// One HTTP exchange with a backend, within a question's time.
struct BackendExchange: Sendable {
  let client: any HTTPSending

  /// Sends `request` and gives the response, of whatever status but those that ask for patience.
  func send(_ request: HTTPRequest, deadline: MonotonicTime) async throws(BackendError) -> HTTPResponse {
    let seconds = Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
    guard seconds > 0 else { throw .timedOut(reason: "its time was over") }
    var request = request
    request.timeoutSeconds = min(request.timeoutSeconds, seconds)
    request.connectTimeoutSeconds = min(request.connectTimeoutSeconds, seconds)
    let response: HTTPResponse
    do throws(HTTPClientError) {
      response = try await client.send(request)
    } catch {
      switch error.kind {
      case .unreachable, .tls: throw .unavailable(reason: error.description)
      case .timeout, .cancelled: throw .timedOut(reason: error.description)
      case .tooLarge: throw .dataLoss(reason: error.description)
      case .invalidRequest: throw .misconfigured(reason: error.description)
      }
    }
    switch response.status {
    case 429: throw .busy(retryAfterSeconds: Self.retryAfter(response))
    case 500...599: throw .unavailable(reason: "it answered with status \(response.status)")
    default: return response
    }
  }

  /// `Retry-After` in seconds; its other form, a date, is not waited for.
  private static func retryAfter(_ response: HTTPResponse) -> Double? {
    response.header("retry-after").flatMap { UInt16($0) }.map(Double.init)
  }
}
