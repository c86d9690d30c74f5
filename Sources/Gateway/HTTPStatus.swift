import FederationAPI
import HTTP1

extension RPCError {
  /// The status of the same failure over HTTP (docs/PROTOCOL.md).
  var httpStatus: Int {
    switch code {
    case .unauthenticated: 401
    case .permissionDenied: 404
    case .invalidArgument, .notFound, .failedPrecondition, .outOfRange: 400
    case .alreadyExists, .aborted: 409
    case .resourceExhausted where retryAfterSeconds != nil: 429
    case .resourceExhausted: message.hasPrefix("request too large") ? 413 : 503
    case .unavailable: 503
    case .deadlineExceeded: 504
    case .unimplemented: 501
    // The status of common proxies for a caller that has gone; nobody is left to see it.
    case .cancelled: 499
    case .ok, .unknown, .internal, .dataLoss: 500
    }
  }
}

extension HTTPRefusal {
  /// The code that such a refusal is counted under.
  var code: StatusCode {
    switch status {
    case 408, 504: .deadlineExceeded
    case 413, 414, 429, 431, 503: .resourceExhausted
    case 501, 505: .unimplemented
    default: .invalidArgument
    }
  }
}
