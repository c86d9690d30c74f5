import FederationAPI

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
